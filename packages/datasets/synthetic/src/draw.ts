import type { Rng } from '@tandem-rec/contract';

/** One of several, each equally likely. */
export const oneOf = <T>(values: readonly T[], rng: Rng): T => values[rng.int(values.length)];

/** An index with probability proportional to its weight; `total` is the sum of the weights. */
export function weighted(weights: Float64Array, total: number, rng: Rng): number {
  let left = rng.next() * total;
  for (let index = 0; index < weights.length; index++) {
    left -= weights[index];
    if (left < 0) return index;
  }
  return weights.length - 1;
}

/** A permutation of 0 … n − 1 (Fisher and Yates). */
export function permutation(n: number, rng: Rng): Int32Array {
  const order = Int32Array.from({ length: n }, (_, index) => index);
  for (let last = n - 1; last > 0; last--) {
    const other = rng.int(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
