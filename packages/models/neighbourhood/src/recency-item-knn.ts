import type {
  Attachment,
  Batch,
  Candidates,
  DomainModel,
  FitRun,
  Interactions,
  Lesson,
  Scores,
  State,
  Step,
  UserContexts,
} from '@tandem-rec/contract';
import { DecayedCounts, restore } from '@tandem-rec/compute';
import type { ItemKnnOptions } from './item-knn.ts';
import { NeighbourLists } from './neighbour-lists.ts';
import { onePass } from './one-pass.ts';

/** Newest items of a past that meet and vote, and neighbours of each item, where the options do not say. */
const HISTORY = 40;
const NEIGHBOURS = 2048;
const NOTHING: Step = { losses: {}, rowGradients: [] };
/** Keeps the logarithm finite where there is neither a neighbour nor popularity. */
export const FLOOR = 1e-7;

/**
 * `itemKnn` with `similarity: 'recency'`. With k counting back through a user's history h, newest first:
 *
 *     C_hk,i and C_i,hk  += e^(−k / decay)                                                when the user meets i
 *     s_i = Σ_k e^(−k / decay) · C_hk,i / (n_hk + shrinkage)^½ / (n_i + shrinkage)^exponent
 *
 * where n counts an item's events. Scores are log(s + weight · share of recent events + 10⁻⁷).
 */
export class RecencyItemKnn implements DomainModel {
  readonly #options: ItemKnnOptions;
  readonly #history: number;
  readonly #lists: NeighbourLists;
  readonly #recent: DecayedCounts;
  /** e^(−k / decay) */
  readonly #fading: Float64Array;
  /** Events of each item. */
  #counts = new Float32Array(0);
  #items = 0;

  /** Sums by item; zeros between calls. */
  #sums = new Float64Array(0);
  #divisors = new Float64Array(0);
  #shares = new Float32Array(0);
  #scores = new Float32Array(0);

  constructor(options: ItemKnnOptions) {
    this.#options = options;
    this.#history = options.history ?? HISTORY;
    this.#lists = new NeighbourLists(options.neighbours ?? NEIGHBOURS);
    this.#recent = new DecayedCounts(options.popularity.halfLife);
    this.#fading = Float64Array.from({ length: this.#history }, (_, k) => Math.exp(-k / options.decay));
  }

  attach(_attachment: Attachment): void {}

  /** Counts new events; what is replayed was counted already. */
  async learn(batch: Batch, _lessons: readonly Lesson[], { dryRun = false } = {}): Promise<Step> {
    if (!dryRun) this.#observe(batch, batch.fresh);
    return NOTHING;
  }

  /** One pass: there is nothing to learn twice. */
  fit(data: Interactions, run: FitRun): Promise<void> {
    return onePass(data, run, (batch) => this.#observe(batch, batch.size));
  }

  async predict({ size, history }: UserContexts, candidates: Candidates): Promise<Scores> {
    const { items } = candidates;
    const length = candidates.kind === 'shared' ? size * items.length : items.length;
    if (this.#scores.length < length) this.#scores = new Float32Array(length);
    this.#prepare(items);
    for (let b = 0; b < size; b++) {
      const start = history.offsets[b];
      const end = Math.min(history.offsets[b + 1], start + this.#history);
      this.#vote(history.items, start, end);
      if (candidates.kind === 'shared') this.#write(items, 0, items.length, b * items.length);
      else this.#write(items, candidates.offsets[b], candidates.offsets[b + 1], candidates.offsets[b]);
      this.#clear(history.items, start, end);
    }
    return this.#scores.subarray(0, length);
  }

  save(): State {
    return {
      version: 1,
      arrays: [
        { name: 'item-counts', shape: [this.#items], owner: 'item', data: this.#counts.subarray(0, this.#items) },
        ...this.#recent.save(),
        ...this.#lists.save(),
      ],
      values: {},
    };
  }

  load(state: State): void {
    this.#items = 0;
    this.#counts.fill(0);
    this.#grow(state.arrays.find(({ name }) => name === 'item-counts')?.data.length ?? 0);
    restore(state, 'item-counts', this.#counts.subarray(0, this.#items));
    this.#recent.load(state);
    this.#lists.load(state);
  }

  #observe({ items, history }: Batch, events: number): void {
    for (let b = 0; b < events; b++) {
      const item = items[b];
      const start = history.offsets[b];
      const length = Math.min(history.offsets[b + 1] - start, this.#history);
      this.#grow(item + 1);
      for (let k = 0; k < length; k++) {
        const past = history.items[start + k];
        if (past === item) continue;
        this.#grow(past + 1);
        this.#lists.add(past, item, this.#fading[k]);
        this.#lists.add(item, past, this.#fading[k]);
      }
      this.#counts[item]++;
      this.#recent.add(item, this.#recent.now + 1);
    }
  }

  /** What does not depend on the user, by position in `items`. */
  #prepare(items: Int32Array): void {
    const { shrinkage, exponent, popularity } = this.#options;
    if (this.#shares.length < items.length) {
      this.#shares = new Float32Array(items.length);
      this.#divisors = new Float64Array(items.length);
    }
    this.#recent.read(items, this.#shares);
    const scale = popularity.weight / Math.max(1, this.#recent.total);
    for (let i = 0; i < items.length; i++) {
      this.#shares[i] *= scale;
      this.#divisors[i] = ((items[i] < this.#items ? this.#counts[items[i]] : 0) + shrinkage) ** -exponent;
    }
  }

  #vote(items: Int32Array, start: number, end: number): void {
    const sums = this.#sums;
    const { columns, weights, starts, lengths, rows } = this.#lists;
    for (let k = start; k < end; k++) {
      const past = items[k];
      if (past >= rows) continue;
      const vote = this.#fading[k - start] / Math.sqrt(this.#counts[past] + this.#options.shrinkage);
      const stop = starts[past] + lengths[past];
      for (let entry = starts[past]; entry < stop; entry++) sums[columns[entry]] += vote * weights[entry];
    }
  }

  #write(items: Int32Array, start: number, end: number, to: number): void {
    for (let i = start; i < end; i++, to++) {
      const sum = items[i] < this.#items ? this.#sums[items[i]] : 0;
      this.#scores[to] = Math.log(sum * this.#divisors[i] + this.#shares[i] + FLOOR);
    }
  }

  /** Only what was touched, where that is less than everything. */
  #clear(items: Int32Array, start: number, end: number): void {
    const sums = this.#sums;
    const { columns, starts, lengths, rows } = this.#lists;
    let touched = 0;
    for (let k = start; k < end; k++) if (items[k] < rows) touched += lengths[items[k]];
    if (touched > this.#items / 4) {
      sums.fill(0, 0, this.#items);
      return;
    }
    for (let k = start; k < end; k++) {
      if (items[k] >= rows) continue;
      const stop = starts[items[k]] + lengths[items[k]];
      for (let entry = starts[items[k]]; entry < stop; entry++) sums[columns[entry]] = 0;
    }
  }

  #grow(items: number): void {
    if (items <= this.#items) return;
    this.#items = items;
    if (items <= this.#counts.length) return;
    const larger = new Float32Array(items * 2);
    larger.set(this.#counts);
    this.#counts = larger;
    this.#sums = new Float64Array(items * 2);
  }
}
