import {
  defineDomainModel,
  savedArray,
  z,
  type Attachment,
  type Batch,
  type Candidates,
  type DomainModel,
  type Lesson,
  type Scores,
  type State,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';

/**
 * Ranks items by how often they were met, the same for everybody.
 *
 * @example
 * defineConfig({ domain: myPlugin({ smoothing: 1 }) })
 */
export const myPlugin = defineDomainModel({
  id: 'my-plugin#myPlugin',
  summary: 'Items that many met.',
  options: z.strictObject({
    smoothing: z.number().positive().default(0.5).describe('Added to each count before its logarithm is taken.'),
  }),
  gives: ['predictions'],
  takes: [],
  create: ({ smoothing }) => new MyPluginModel(smoothing),
});

class MyPluginModel implements DomainModel {
  readonly #smoothing: number;
  /** By item row; grows with the catalogue. */
  #counts = new Float32Array(0);

  constructor(smoothing: number) {
    this.#smoothing = smoothing;
  }

  attach(_attachment: Attachment): void {}

  async learn({ items, fresh }: Batch, _lessons: readonly Lesson[], { dryRun = false } = {}): Promise<Step> {
    // Rows from `fresh` on are replayed: they were counted when they were new.
    if (!dryRun) for (const item of items.subarray(0, fresh)) this.#reach(item)[item]++;
    return { losses: {}, rowGradients: [] };
  }

  async predict({ size }: UserContexts, candidates: Candidates): Promise<Scores> {
    const logits = Float32Array.from(candidates.items, (item) => Math.log((this.#counts[item] ?? 0) + this.#smoothing));
    if (candidates.kind === 'ragged') return logits;
    const scores = new Float32Array(size * logits.length);
    for (let row = 0; row < size; row++) scores.set(logits, row * logits.length);
    return scores;
  }

  save(): State {
    return {
      version: 1,
      arrays: [{ name: 'counts', shape: [this.#counts.length], owner: 'item', data: this.#counts }],
      values: {},
    };
  }

  load(state: State): void {
    this.#counts = savedArray(state, 'counts', Float32Array).slice();
  }

  /** The counts, long enough for this row. */
  #reach(item: number): Float32Array {
    if (item >= this.#counts.length) {
      const grown = new Float32Array(Math.max(item + 1, this.#counts.length * 2));
      grown.set(this.#counts);
      this.#counts = grown;
    }
    return this.#counts;
  }
}
