import {
  savedArray,
  type Attachment,
  type Batch,
  type Candidates,
  type DomainModel,
  type FitRun,
  type Interactions,
  type Lesson,
  type Scores,
  type State,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';
import { DecayedCounts } from '@tandem-rec/compute';
import type { Counting } from './counting.ts';
import type { ItemKnnOptions } from './item-knn.ts';
import { NeighbourLists } from './neighbour-lists.ts';
import { onePass } from './one-pass.ts';

/** Neighbours of each item where the options do not say. */
const NEIGHBOURS = 2048;
const NOTHING: Step = { losses: {}, rowGradients: [] };
/** Keeps the logarithm finite where there is neither a neighbour nor popularity. */
export const FLOOR = 1e-7;

/**
 * `itemKnn` as it learns event by event. With h a user's history, newest first, and n an item's events, a user who meets
 * item i as one of n_u items lets C_hk,i and C_i,hk grow by c_k, and scores are log(s_i + weight · share of recent events +
 * 10⁻⁷) with s_i = Σ_k v_k(h_k) · C_hk,i · v(i):
 *
 *     recency   c_k = e^(−k / decay)               v_k(j) = e^(−k / decay) / (n_j + shrinkage)^½    v(i) = (n_i + shrinkage)^−exponent
 *     cosine    c_k = 1                            v_k(j) = v(j) = n_j^−½
 *     bm25      c_k = (ln N − ln(1 + n_u))²        v_k(j) = v(j) = (K1 + 1) / (K1 (1 − B + B n_j / n̄) + 1)
 *
 * What depends on items is applied when it is asked; what depends on the user counts as it was at the time.
 */
export class CountedItemKnn implements DomainModel {
  readonly #popularity: ItemKnnOptions['popularity'];
  readonly #counting: Counting;
  readonly #lists: NeighbourLists;
  readonly #recent: DecayedCounts;
  /** Events of each item, and of all. */
  #counts = new Float32Array(0);
  #events = 0;
  #items = 0;

  /** Sums by item; zeros between calls. */
  #sums = new Float64Array(0);
  #factors = new Float64Array(0);
  #shares = new Float32Array(0);
  #scores = new Float32Array(0);

  constructor({ neighbours = NEIGHBOURS, popularity }: ItemKnnOptions, counting: Counting) {
    this.#popularity = popularity;
    this.#counting = counting;
    this.#lists = new NeighbourLists(neighbours);
    this.#recent = new DecayedCounts(popularity.halfLife);
  }

  /** Nothing was counted yet. */
  get empty(): boolean {
    return this.#events === 0;
  }

  attach(_attachment: Attachment): void {}

  /** Counts new events; what is replayed was counted already. */
  async learn(batch: Batch, _lessons: readonly Lesson[], { dryRun = false } = {}): Promise<Step> {
    if (!dryRun) this.#observe(batch, batch.fresh);
    return NOTHING;
  }

  /** One pass: there is nothing to learn twice. Without times no event is more recent than another. */
  fit(data: Interactions, run: FitRun): Promise<void> {
    return onePass(data, run, (batch, timeless) => this.#observe(batch, batch.size, timeless));
  }

  async predict({ size, history }: UserContexts, candidates: Candidates): Promise<Scores> {
    const { items } = candidates;
    const length = candidates.kind === 'shared' ? size * items.length : items.length;
    if (this.#scores.length < length) this.#scores = new Float32Array(length);
    this.#prepare(items);
    for (let b = 0; b < size; b++) {
      const start = history.offsets[b];
      const end = Math.min(history.offsets[b + 1], start + this.#counting.history);
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
    const counts = savedArray(state, 'item-counts', Float32Array);
    this.#items = 0;
    this.#counts.fill(0);
    this.#grow(counts.length);
    this.#counts.set(counts);
    this.#events = this.#counts.reduce((sum, count) => sum + count, 0);
    this.#recent.load(state);
    this.#lists.load(state);
  }

  #observe({ items, positions, history }: Batch, events: number, timeless = false): void {
    const { history: most, pair } = this.#counting;
    const step = timeless ? 0 : 1;
    for (let b = 0; b < events; b++) {
      const item = items[b];
      const start = history.offsets[b];
      const length = Math.min(history.offsets[b + 1] - start, most);
      this.#grow(item + 1);
      for (let k = 0; k < length; k++) {
        const past = history.items[start + k];
        if (past === item) continue;
        this.#grow(past + 1);
        const weight = pair(k, positions[b] + 1, this.#items);
        this.#lists.add(past, item, weight);
        this.#lists.add(item, past, weight);
      }
      this.#counts[item]++;
      this.#events++;
      this.#recent.add(item, this.#recent.now + step);
    }
  }

  get #mean(): number {
    return this.#events / Math.max(1, this.#items);
  }

  /** What does not depend on the user, by position in `items`. */
  #prepare(items: Int32Array): void {
    if (this.#shares.length < items.length) {
      this.#shares = new Float32Array(items.length);
      this.#factors = new Float64Array(items.length);
    }
    this.#recent.read(items, this.#shares);
    const scale = this.#popularity.weight / Math.max(1, this.#recent.total);
    const mean = this.#mean;
    for (let i = 0; i < items.length; i++) {
      this.#shares[i] *= scale;
      this.#factors[i] = this.#counting.candidate(items[i] < this.#items ? this.#counts[items[i]] : 0, mean);
    }
  }

  #vote(items: Int32Array, start: number, end: number): void {
    const sums = this.#sums;
    const { columns, weights, starts, lengths, rows } = this.#lists;
    const mean = this.#mean;
    for (let k = start; k < end; k++) {
      const past = items[k];
      if (past >= rows) continue;
      const vote = this.#counting.vote(k - start, this.#counts[past], mean);
      const stop = starts[past] + lengths[past];
      for (let entry = starts[past]; entry < stop; entry++) sums[columns[entry]] += vote * weights[entry];
    }
  }

  #write(items: Int32Array, start: number, end: number, to: number): void {
    for (let i = start; i < end; i++, to++) {
      const sum = items[i] < this.#items ? this.#sums[items[i]] : 0;
      this.#scores[to] = Math.log(sum * this.#factors[i] + this.#shares[i] + FLOOR);
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
