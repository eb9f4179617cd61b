import type {
  Attachment,
  Batch,
  Candidates,
  Environment,
  LanguageModel,
  Lesson,
  Matrix,
  Rows,
  Scores,
  Side,
  State,
  Step,
  Subject,
  UserContexts,
} from '@tandem-rec/contract';
import { TandemError } from '@tandem-rec/contract';
import { Notes } from '@tandem-rec/language';
import type { Gateway } from './exchanges/gateway.ts';
import type { LangchainOptions } from './langchain-options.ts';
import { Fallback } from './roles/fallback.ts';
import { ItemVectors } from './roles/item-vectors.ts';
import { Judge } from './roles/judge.ts';
import { Pasts } from './roles/pasts.ts';
import { Prior } from './roles/prior.ts';
import { Profiler } from './roles/profiler.ts';
import { plainly, Words, type ItemWords, type UserWords } from './roles/words.ts';

const STATE_VERSION = 1;
/** Any words do to learn how wide vectors are. */
const PROBE = 'width';
const PROGRESS_MS = 10_000;

/** What is there once the model is attached. */
interface Attached {
  readonly words: Words;
  readonly prior: Prior;
  readonly judge: Judge | undefined;
}

/** Hosted models at the table. It learns notes and pasts only: what it knows of the world stays where it is hosted. */
export class HostedLanguageModel implements LanguageModel {
  readonly #options: LangchainOptions;
  readonly #env: Environment;
  readonly #gateway: Gateway;
  readonly #fallback: Fallback;
  readonly #profiler: Profiler;
  readonly #notes: Notes;
  readonly #pasts: Pasts;
  #attached: Attached | undefined;
  #width: number | undefined;

  constructor(options: LangchainOptions, gateway: Gateway, env: Environment) {
    this.#options = options;
    this.#env = env;
    this.#gateway = gateway;
    this.#fallback = new Fallback(env.log);
    this.#profiler = new Profiler(gateway, this.#fallback);
    this.#notes = new Notes({ ...options.notes, textLimit: options.textLimit });
    this.#pasts = new Pasts(options.history);
  }

  /** Throws `TANDEM_MODEL_UNAVAILABLE` where the width of vectors is not configured and cannot be asked for. */
  async attach({ catalogue, statistics }: Attachment): Promise<void> {
    const { embeddings, judgements, similarity, history } = this.#options;
    if (embeddings) this.#width = embeddings.dimensions ?? (await this.#gateway.embed([PROBE]))[0].length;
    const words = new Words(catalogue, this.#notes, this.#options);
    const vectors = embeddings && new ItemVectors(this.#gateway, words, catalogue, this.#fallback, history);
    this.#attached = {
      words,
      prior: new Prior(statistics, vectors, similarity),
      judge: judgements && new Judge(this.#gateway, words, judgements),
    };
  }

  async learn(batch: Batch, lessons: readonly Lesson[], { dryRun = false } = {}): Promise<Step> {
    if (!dryRun) {
      this.#notes.add(lessons);
      this.#pasts.add(batch);
    }
    return { losses: {}, rowGradients: [] };
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    const { words, prior, judge } = this.#use();
    const { size, history } = users;
    await prior.prepare(history.items, candidates.items);
    const lists = Array.from({ length: size }, (_, b) =>
      candidates.kind === 'shared'
        ? candidates.items
        : candidates.items.subarray(candidates.offsets[b], candidates.offsets[b + 1]),
    );
    const scored = await Promise.all(
      lists.map(async (items, b) => {
        const past = history.items.subarray(history.offsets[b], history.offsets[b + 1]);
        const logits = prior.logits(past, items);
        if (judge)
          await this.#fallback.orElse(
            () => judge.judge(words.user(users.users[b], past), items, logits),
            () => undefined,
          );
        return logits;
      }),
    );
    const scores = new Float32Array(lists.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const logits of scored) {
      scores.set(logits, at);
      at += logits.length;
    }
    return scores;
  }

  /** Zeros where the embedding model does not answer: whoever asks again gets the vectors as soon as it does. */
  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const cols = this.#width ?? 0;
    const about = [...rows].map((row) => this.#about({ side, row }));
    const texts = this.#options.profiles ? await this.#profiles(about) : about.map(plainly);
    const vectors = await this.#fallback.orElse(
      () => this.#embed(texts, cols),
      () => [],
    );
    const data = new Float32Array(rows.length * cols);
    for (const [i, vector] of vectors.entries()) data.set(vector, i * cols);
    return { rows: rows.length, cols, data };
  }

  async describe(subject: Subject): Promise<string> {
    const about = this.#about(subject);
    return this.#options.explanations ? this.#profiler.explain(about) : this.#profiler.profile(about);
  }

  /** Calls, tokens and money of this run. */
  explain(): Readonly<Record<string, unknown>> {
    return { hosted: this.#gateway.usage };
  }

  save(): State {
    return { version: STATE_VERSION, arrays: this.#pasts.save(), values: this.#notes.save() };
  }

  load({ version, arrays, values }: State): void {
    if (version !== STATE_VERSION)
      throw new TandemError('TANDEM_STATE_MISMATCH', `States of version ${STATE_VERSION} are read, not of ${version}.`);
    this.#pasts.load(arrays);
    this.#notes.load(values);
  }

  close(): void {
    this.#gateway.close();
  }

  #about({ side, row, history }: Subject): UserWords | ItemWords {
    const { words } = this.#use();
    return side === 'item' ? words.item(row) : words.user(row, history ?? this.#pasts.of(row));
  }

  /** One a subject; a whole catalogue takes a while, so that the log says how far it is. */
  async #profiles(about: readonly (UserWords | ItemWords)[]): Promise<readonly string[]> {
    const { clock, log } = this.#env;
    let [done, saidMs] = [0, clock.monotonicMs()];
    return Promise.all(
      about.map(async (each) => {
        const text = await this.#profiler.profile(each);
        done++;
        if (clock.monotonicMs() - saidMs >= PROGRESS_MS) {
          saidMs = clock.monotonicMs();
          log.info('Writing profiles', { done, of: about.length, ...this.#gateway.usage });
        }
        return text;
      }),
    );
  }

  async #embed(texts: readonly string[], cols: number): Promise<readonly Float32Array[]> {
    const vectors = await this.#gateway.embed(texts);
    const other = vectors.find(({ length }) => length !== cols);
    if (other)
      throw new TandemError(
        'TANDEM_MODEL_ANSWER_INVALID',
        `Vectors are to be ${cols} wide, and the embedding model gives ${other.length}.`,
      );
    return vectors;
  }

  #use(): Attached {
    if (!this.#attached) throw new TypeError(`${this.#env.name} is used before it was attached.`);
    return this.#attached;
  }
}
