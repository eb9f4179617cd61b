import {
  savedArray,
  type Attachment,
  type Candidates,
  type DomainModel,
  type Environment,
  type FitRun,
  type Interactions,
  type Scores,
  type State,
  type UserContexts,
} from '@tandem-rec/contract';
import { Arena, isWhole, Neighbours } from '@tandem-rec/compute';
import type { ItemKnnOptions } from './item-knn.ts';
import { FLOOR } from './counted-item-knn.ts';
import { weightedInteractions, type Weighting } from './weighted-interactions.ts';

/** Neighbours of each item where the options do not say. */
const NEIGHBOURS = 100;
/** Scores that are made at a time where candidates are not all items, about 4 MB. */
const SCORES = 1 << 20;

/**
 * `itemKnn` with `similarity: 'cosine'` or `'bm25'`, fitted to a whole set. With W the weighted matrix users × items and h a user's history,
 *
 *     S = the `neighbours` largest of every row of Wᵀ W            score_i = log(Σ_h S_h,i + weight · share_i + 10⁻⁷)
 *
 * where share_i is the item's share of all events: who has no neighbours in common with it, or no history, is told what is
 * popular.
 */
export class FittedItemKnn implements DomainModel {
  readonly #options: ItemKnnOptions;
  readonly #weighting: Weighting;
  readonly #threads: number;
  #arena: Arena;
  #neighbours: Neighbours;
  #priors = new Float32Array(0);
  #scores = new Float32Array(0);

  constructor(options: ItemKnnOptions, { threads }: Pick<Environment, 'threads'>) {
    this.#options = options;
    this.#weighting = options.similarity === 'bm25' ? { kind: 'bm25', ...options.bm25 } : { kind: 'cosine' };
    this.#threads = threads;
    this.#arena = new Arena({ threads });
    this.#neighbours = new Neighbours(this.#arena, 0, this.#k);
  }

  attach(_attachment: Attachment): void {}

  /** It was not fitted, or to nothing. */
  get empty(): boolean {
    return this.#neighbours.items === 0;
  }

  async fit({ timelines, items }: Interactions, run: FitRun): Promise<void> {
    run.signal.throwIfAborted();
    this.#begin(items);
    const { byUser, byItem, counts } = weightedInteractions(timelines, items, this.#weighting);
    this.#neighbours.find(byUser, byItem);
    const scale = this.#options.popularity.weight / Math.max(1, timelines.items.length);
    this.#priors = counts.map((count) => count * scale + FLOOR);
    await run.epoch({ epoch: 1, loss: 0 });
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    const { items } = candidates;
    if (isWhole(candidates, this.#neighbours.items)) return this.#vote(users, 0, users.size);
    const length = candidates.kind === 'shared' ? users.size * items.length : items.length;
    if (this.#scores.length < length) this.#scores = new Float32Array(length);
    const block = Math.max(1, Math.floor(SCORES / Math.max(1, this.#neighbours.items)));
    for (let from = 0, to = 0; from < users.size; from += block) {
      const end = Math.min(users.size, from + block);
      const all = this.#vote(users, from, end);
      for (let b = from; b < end; b++) {
        const [start, stop] =
          candidates.kind === 'shared' ? [0, items.length] : [candidates.offsets[b], candidates.offsets[b + 1]];
        for (let i = start; i < stop; i++) this.#scores[to++] = this.#scoreOf(all, b - from, items[i]);
      }
    }
    return this.#scores.subarray(0, length);
  }

  save(): State {
    const { k, items, columns, weights, lengths } = this.#neighbours;
    const entries = lengths.reduce((sum, length) => sum + length, 0);
    const [savedColumns, savedWeights] = [new Int32Array(entries), new Float32Array(entries)];
    for (let item = 0, to = 0; item < items; to += lengths[item++]) {
      savedColumns.set(columns.subarray(item * k, item * k + lengths[item]), to);
      savedWeights.set(weights.subarray(item * k, item * k + lengths[item]), to);
    }
    return {
      version: 1,
      arrays: [
        { name: 'priors', shape: [items], owner: 'item', data: this.#priors },
        { name: 'neighbours/lengths', shape: [items], owner: 'item', data: lengths.slice() },
        { name: 'neighbours/columns', shape: [entries], owner: 'item', data: savedColumns },
        { name: 'neighbours/weights', shape: [entries], owner: 'item', data: savedWeights },
      ],
      values: {},
    };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    const priors = savedArray(state, 'priors', Float32Array);
    const items = priors.length;
    const lengths = savedArray(state, 'neighbours/lengths', Int32Array, [items]);
    const entries = lengths.reduce((sum, length) => sum + length, 0);
    const savedColumns = savedArray(state, 'neighbours/columns', Int32Array, [entries]);
    const savedWeights = savedArray(state, 'neighbours/weights', Float32Array, [entries]);
    this.#begin(items);
    this.#priors = priors.slice();
    const { k, columns, weights } = this.#neighbours;
    this.#neighbours.lengths.set(lengths.map((length) => Math.min(length, k)));
    for (let item = 0, from = 0; item < items; from += lengths[item++]) {
      columns.set(savedColumns.subarray(from, from + Math.min(lengths[item], k)), item * k);
      weights.set(savedWeights.subarray(from, from + Math.min(lengths[item], k)), item * k);
    }
  }

  close(): void {
    this.#arena.close();
  }

  get #k(): number {
    return this.#options.neighbours ?? NEIGHBOURS;
  }

  /** In memory of its own, since arrays do not leave an arena. */
  #begin(items: number): void {
    this.#arena.close();
    this.#arena = new Arena({ threads: this.#threads });
    this.#neighbours = new Neighbours(this.#arena, items, Math.min(this.#k, Math.max(1, items)));
  }

  #vote({ history }: UserContexts, from: number, to: number): Float32Array {
    const offsets = history.offsets.subarray(from, to + 1);
    return this.#neighbours.vote(
      to - from,
      { offsets, items: history.items },
      this.#options.history ?? Infinity,
      this.#priors,
    );
  }

  #scoreOf(scores: Float32Array, row: number, item: number): number {
    const { items } = this.#neighbours;
    return item < items ? scores[row * items + item] : Math.log(FLOOR);
  }
}
