import {
  TandemError,
  type Attachment,
  type Batch,
  type Candidates,
  type LanguageModel,
  type Layer,
  type LearnOptions,
  type Lesson,
  type Matrix,
  type Rows,
  type Scores,
  type Side,
  type State,
  type Step,
  type Subject,
  type UserContexts,
} from '@tandem-rec/contract';
import type { Body } from './body/body.ts';
import type { ItemRanker } from './items/item-ranker.ts';
import type { TitleTokens } from './words/title-tokens.ts';
import type { Writer } from './words/writer.ts';

/** What a ranker with a pretrained body is made of. */
export interface PretrainedParts {
  readonly name: string;
  /** Ranks with the body as its pooling. */
  readonly ranker: ItemRanker;
  readonly body: Body;
  readonly titles: TitleTokens;
  /** Undefined: it writes no texts. */
  readonly writer: Writer | undefined;
}

/** A ranker whose user states are read by a pretrained transformer, and which speaks where that is a decoder. */
export class PretrainedRanker implements LanguageModel {
  readonly #parts: PretrainedParts;
  /** Learned since the adapter was written last. */
  #learned = false;

  constructor(parts: PretrainedParts) {
    this.#parts = parts;
  }

  async attach(attachment: Attachment): Promise<void> {
    this.#parts.titles.attach(attachment.catalogue);
    await this.#parts.ranker.attach(attachment);
  }

  predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    return this.#parts.ranker.predict(users, candidates);
  }

  async learn(batch: Batch, lessons: readonly Lesson[], how: LearnOptions = {}): Promise<Step> {
    const step = await this.#parts.ranker.learn(batch, lessons, how);
    if (!how.dryRun) this.#learned = true;
    return step;
  }

  represent(side: Side, rows: Rows, layer?: Layer): Promise<Matrix> {
    return this.#parts.ranker.represent(side, rows, layer);
  }

  /** Throws `TANDEM_COMPOSE_MISSING_CAPABILITY` where the options ask for no texts. */
  async describe({ side, row, history }: Subject): Promise<string> {
    return this.#writer.describe({ side, row }, this.#past(side, row, history));
  }

  /** The row of an item that the model chooses by writing its title; undefined where the user has met all that have one. */
  async recommend(user: number, history?: Rows): Promise<number | undefined> {
    return this.#writer.recommend(user, this.#past('user', user, history));
  }

  async save(): Promise<State> {
    const { ranker, body } = this.#parts;
    await body.saveAdapter();
    this.#learned = false;
    const state = ranker.save();
    return { ...state, values: { ...state.values, base: body.base } };
  }

  /** Throws `TANDEM_STATE_MISMATCH`, also where the body's weights are other ones: then what was trained means nothing. */
  load(state: State): void {
    const { name, ranker, body } = this.#parts;
    const { base } = state.values;
    if (base !== body.base)
      throw new TandemError(
        'TANDEM_STATE_MISMATCH',
        `${name} was trained over ${typeof base === 'string' ? `the body ${base}` : 'no pretrained body'}; here is ${body.base}.`,
        { remedy: 'Put the same weights where they were, or name them in `body.model`.' },
      );
    ranker.load(state);
    this.#learned = false;
  }

  async close(): Promise<void> {
    const { ranker, body } = this.#parts;
    if (this.#learned) await body.saveAdapter();
    this.#learned = false;
    ranker.close();
    body.close();
  }

  #past(side: Side, row: number, history: Rows | undefined): Rows {
    return side === 'item' ? new Int32Array(0) : (history ?? this.#parts.ranker.pastOf(row));
  }

  get #writer(): Writer {
    const { writer, name } = this.#parts;
    if (!writer)
      throw new TandemError('TANDEM_COMPOSE_MISSING_CAPABILITY', `${name} writes no texts: set its \`body.text\`.`);
    return writer;
  }
}
