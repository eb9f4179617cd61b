import type { Histories } from '@tandem-rec/contract';
import type { SparseRows } from './propagate.ts';

/** What `Neighbours` computes, in plain TypeScript: for each item its neighbours by number, with their weights. */
export type NeighbourMaps = readonly ReadonlyMap<number, number>[];

/** The `k` largest of every row of Wᵀ W; of equal ones the lower items. */
export function similarReference({ offsets, columns, values }: SparseRows, items: number, k: number): NeighbourMaps {
  const products = Array.from({ length: items }, () => new Map<number, number>());
  for (let user = 0; user + 1 < offsets.length; user++)
    for (let a = offsets[user]; a < offsets[user + 1]; a++)
      for (let b = offsets[user]; b < offsets[user + 1]; b++) {
        const row = products[columns[a]];
        row.set(columns[b], Math.fround((row.get(columns[b]) ?? 0) + Math.fround(values[a] * values[b])));
      }
  return products.map((row) => new Map([...row].sort((x, y) => y[1] - x[1] || x[0] - y[0]).slice(0, k)));
}

/** ln(Σ_h S_h,i + prior_i) over the newest `limit` of each history, `size × items`. */
export function voteReference(
  neighbours: NeighbourMaps,
  size: number,
  { offsets, items: history }: Histories,
  limit: number,
  priors: Float32Array,
): Float32Array {
  const scores = new Float32Array(size * priors.length);
  for (let b = 0; b < size; b++) {
    const sums = Float64Array.from(priors);
    for (const past of history.subarray(offsets[b], Math.min(offsets[b + 1], offsets[b] + limit)))
      for (const [item, weight] of neighbours[past] ?? []) sums[item] += weight;
    scores.set(sums.map(Math.log), b * priors.length);
  }
  return scores;
}
