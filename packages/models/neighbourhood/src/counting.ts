import type { ItemKnnOptions } from './item-knn.ts';

/** Newest items of a past that meet and vote with `recency`, where the options do not say. */
const HISTORY = 40;

/** What separates the similarities where events are counted one by one. */
export interface Counting {
  /** Newest items of a past that meet and vote. */
  readonly history: number;
  /**
   * What the matrix C gets for an item and the one that the user met `back` items before it, as one of `met` items so far,
   * this one included; there are `items`.
   */
  pair(back: number, met: number, items: number): number;
  /** Factor of the vote of an item that was met `back` items ago, with n events; items have `mean` of them. */
  vote(back: number, n: number, mean: number): number;
  /** Factor of a candidate with n events. */
  candidate(n: number, mean: number): number;
}

/** The counting of an `itemKnn`: see `CountedItemKnn` for the formulas. */
export function countingOf({ similarity, history, decay, shrinkage, exponent, bm25 }: ItemKnnOptions): Counting {
  if (similarity === 'recency') return recency(history ?? HISTORY, decay, shrinkage, exponent);
  return { history: history ?? Infinity, ...(similarity === 'cosine' ? COSINE : byBm25(bm25.k1, bm25.b)) };
}

function recency(history: number, decay: number, shrinkage: number, exponent: number): Counting {
  const fading = Float64Array.from({ length: history }, (_, back) => Math.exp(-back / decay));
  return {
    history,
    pair: (back) => fading[back],
    vote: (back, n) => fading[back] / Math.sqrt(n + shrinkage),
    candidate: (n) => (n + shrinkage) ** -exponent,
  };
}

/** Over meetings: ‖x‖ of who met an item once each is √n. */
const inverseNorm = (n: number): number => 1 / Math.sqrt(Math.max(1, n));
const COSINE: Omit<Counting, 'history'> = {
  pair: () => 1,
  vote: (_, n) => inverseNorm(n),
  candidate: inverseNorm,
};

function byBm25(k1: number, b: number): Omit<Counting, 'history'> {
  const saturated = (n: number, mean: number): number =>
    (k1 + 1) / (k1 * (1 - b + (b * n) / Math.max(mean, Number.MIN_VALUE)) + 1);
  return {
    pair: (_, met, items) => (Math.log(items) - Math.log1p(met)) ** 2,
    vote: (_, n, mean) => saturated(n, mean),
    candidate: saturated,
  };
}
