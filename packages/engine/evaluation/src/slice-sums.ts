import type { BlockSums } from './bootstrap.ts';
import type { Ranking } from './rank-all.ts';
import { gain, type UserMetrics } from './ranking-metrics.ts';
import { labelOf, sliceOf } from './slices.ts';

/** A slice of an evaluation as a bootstrap over users wants it: what each user has in it, those who have nothing left out. */
export interface SliceSums {
  readonly label: string;
  /** Targets, or users, in it. */
  readonly count: number;
  readonly ndcg: BlockSums;
}

/** Never met in training, 1 to 4 times, 5 to 19, 20 and more. */
const FEW_SLICES: readonly number[] = Object.freeze([0, 1, 5, 20]);

/** Slices by how often the target was met in training; each target is judged alone, as by `sliceByItem`. */
export function itemSliceSums(
  { users, offsets, ranks, targets }: Pick<Ranking, 'users' | 'offsets' | 'ranks' | 'targets'>,
  itemCounts: ArrayLike<number>,
  cutoff: number,
  bounds = FEW_SLICES,
): readonly SliceSums[] {
  const sums = bounds.map(() => new Float64Array(users.length));
  const counts = bounds.map(() => new Float64Array(users.length));
  for (let user = 0; user < users.length; user++)
    for (let at = offsets[user]; at < offsets[user + 1]; at++) {
      const slice = sliceOf(itemCounts[targets[at]], bounds);
      counts[slice][user]++;
      if (ranks[at] < cutoff) sums[slice][user] += gain(ranks[at]);
    }
  return bounds.map((_, slice) => sliceSums(labelOf(slice, bounds), sums[slice], counts[slice]));
}

/** Slices by how much each user did in training; `historyLengths` by user row. */
export function userSliceSums(
  users: Ranking['users'],
  { ndcg }: Pick<UserMetrics, 'ndcg'>,
  historyLengths: ArrayLike<number>,
  bounds = FEW_SLICES,
): readonly SliceSums[] {
  return bounds.map((_, slice) => {
    const inside = Float64Array.from(users, (user) => (sliceOf(historyLengths[user], bounds) === slice ? 1 : 0));
    return sliceSums(labelOf(slice, bounds), ndcg, inside);
  });
}

function sliceSums(label: string, sums: Float64Array, counts: Float64Array): SliceSums {
  const there = (_value: number, user: number): boolean => counts[user] > 0;
  const kept = counts.filter(there);
  return {
    label,
    count: kept.reduce((sum, count) => sum + count, 0),
    ndcg: { sums: sums.filter(there), counts: kept },
  };
}
