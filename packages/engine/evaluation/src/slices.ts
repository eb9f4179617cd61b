import type { Ranking } from './rank-all.ts';
import { gain, mean, type UserMetrics } from './ranking-metrics.ts';

/** Results of a part of users or targets. NaN where it is empty. */
export interface Slice {
  /** For example `5-19`, or `20+` for the last. */
  readonly label: string;
  /** Users, or targets, in it. */
  readonly count: number;
  readonly recall: number;
  readonly ndcg: number;
}

/** Lower bounds of slices, ascending, the first 0: never met, a few times, … */
export const SLICE_BOUNDS: readonly number[] = Object.freeze([0, 1, 5, 20, 100]);

/** Slices by the popularity of targets. Each target is judged alone: a hit or not, and its own gain up to the cutoff. */
export function sliceByItem(
  ranking: Ranking,
  itemCounts: ArrayLike<number>,
  cutoff: number,
  bounds = SLICE_BOUNDS,
): readonly Slice[] {
  const sums = bounds.map(() => ({ count: 0, hits: 0, gained: 0 }));
  for (let at = 0; at < ranking.ranks.length; at++) {
    const sum = sums[sliceOf(itemCounts[ranking.targets[at]], bounds)];
    sum.count++;
    if (ranking.ranks[at] >= cutoff) continue;
    sum.hits++;
    sum.gained += gain(ranking.ranks[at]);
  }
  return sums.map(({ count, hits, gained }, slice) => ({
    label: labelOf(slice, bounds),
    count,
    recall: hits / count,
    ndcg: gained / count,
  }));
}

/** Slices by how much each user did before; `historyLengths` by user row. */
export function sliceByUser(
  ranking: Ranking,
  metrics: Pick<UserMetrics, 'ndcg' | 'recall'>,
  historyLengths: ArrayLike<number>,
  bounds = SLICE_BOUNDS,
): readonly Slice[] {
  return bounds.map((_, slice) => {
    const here = (_value: number, k: number): boolean => sliceOf(historyLengths[ranking.users[k]], bounds) === slice;
    const recall = metrics.recall.filter(here);
    return {
      label: labelOf(slice, bounds),
      count: recall.length,
      recall: mean(recall),
      ndcg: mean(metrics.ndcg.filter(here)),
    };
  });
}

/** Index of the slice that a count is in. */
export function sliceOf(count: number, bounds: readonly number[]): number {
  let slice = bounds.length - 1;
  while (slice > 0 && count < bounds[slice]) slice--;
  return slice;
}

/** A slice for people: `0`, `5-19`, `20+`. */
export function labelOf(slice: number, bounds: readonly number[]): string {
  if (slice === bounds.length - 1) return `${bounds[slice]}+`;
  const last = bounds[slice + 1] - 1;
  return last === bounds[slice] ? `${last}` : `${bounds[slice]}-${last}`;
}
