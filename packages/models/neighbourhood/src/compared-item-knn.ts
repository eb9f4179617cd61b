import type {
  Attachment,
  Batch,
  Candidates,
  DomainModel,
  Environment,
  FitRun,
  Interactions,
  LearnOptions,
  Lesson,
  Scores,
  State,
  Step,
  UserContexts,
} from '@tandem-rec/contract';
import { CountedItemKnn } from './counted-item-knn.ts';
import { countingOf } from './counting.ts';
import { FittedItemKnn } from './fitted-item-knn.ts';
import type { ItemKnnOptions } from './item-knn.ts';

/** What was counted stands behind this in a state. */
const COUNTED = 'counted/';

/**
 * `itemKnn` with `similarity: 'cosine'` or `'bm25'`: neighbours that were fitted to a whole set, beside those that were
 * counted event by event since. Where there are both, their votes are added; an item of the one and an item of the other
 * are no neighbours until somebody meets both.
 */
export class ComparedItemKnn implements DomainModel {
  readonly #options: ItemKnnOptions;
  readonly #fitted: FittedItemKnn;
  #counted: CountedItemKnn;

  constructor(options: ItemKnnOptions, environment: Pick<Environment, 'threads'>) {
    this.#options = options;
    this.#fitted = new FittedItemKnn(options, environment);
    this.#counted = this.#uncounted();
  }

  attach(_attachment: Attachment): void {}

  learn(batch: Batch, lessons: readonly Lesson[], how?: LearnOptions): Promise<Step> {
    return this.#counted.learn(batch, lessons, how);
  }

  /** In place of all that was learned before. */
  async fit(data: Interactions, run: FitRun): Promise<void> {
    this.#counted = this.#uncounted();
    await this.#fitted.fit(data, run);
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    if (this.#counted.empty) return this.#fitted.predict(users, candidates);
    const scores = await this.#counted.predict(users, candidates);
    if (this.#fitted.empty) return scores;
    const fitted = await this.#fitted.predict(users, candidates);
    for (let i = 0; i < scores.length; i++) scores[i] = Math.log(Math.exp(scores[i]) + Math.exp(fitted[i]));
    return scores;
  }

  save(): State {
    const { version, arrays, values } = this.#fitted.save();
    const counted = this.#counted.save().arrays.map((array) => ({ ...array, name: COUNTED + array.name }));
    return { version, arrays: [...arrays, ...counted], values };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    this.#fitted.load(state);
    const counted = state.arrays
      .filter(({ name }) => name.startsWith(COUNTED))
      .map((array) => ({ ...array, name: array.name.slice(COUNTED.length) }));
    this.#counted.load({ ...state, arrays: counted });
  }

  close(): void {
    this.#fitted.close();
  }

  #uncounted(): CountedItemKnn {
    return new CountedItemKnn(this.#options, countingOf(this.#options));
  }
}
