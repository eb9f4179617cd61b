import { expect, it } from 'vitest';

import type { Ranking } from './rank-all.ts';
import { userMetrics } from './ranking-metrics.ts';
import { itemSliceSums, userSliceSums, type SliceSums } from './slice-sums.ts';
import { sliceByItem, sliceByUser } from './slices.ts';

const ranking: Ranking = {
  users: Int32Array.of(0, 2, 3),
  offsets: Int32Array.of(0, 2, 3, 4),
  ranks: Int32Array.of(0, 12, 3, 1),
  targets: Int32Array.of(5, 1, 5, 0),
  candidates: Int32Array.of(20, 20, 20),
  auc: new Float64Array(3),
};
const bounds = [0, 1, 5, 20];
const itemCounts = [0, 3, 0, 0, 0, 30];
const userCounts = [2, 9, 40, 2];

it('add up to what the slices say', () => {
  const metrics = userMetrics(ranking, 10);
  const plain = ({ label, count, ndcg: { sums, counts } }: SliceSums) => {
    const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
    expect(total(counts)).toBe(count);
    return { label, count, ndcg: total(sums) / total(counts) };
  };
  const said = ({ label, count, ndcg }: { label: string; count: number; ndcg: number }) => ({ label, count, ndcg });
  expect(itemSliceSums(ranking, itemCounts, 10).map(plain)).toEqual(
    sliceByItem(ranking, itemCounts, 10, bounds).map(said),
  );
  expect(userSliceSums(ranking.users, metrics, userCounts).map(plain)).toEqual(
    sliceByUser(ranking, metrics, userCounts, bounds).map(said),
  );
});

it('hold only users who have something there', () => {
  const [never, few, , often] = itemSliceSums(ranking, itemCounts, 10);
  expect([never, few, often].map(({ ndcg }) => ndcg.counts.length)).toEqual([1, 1, 2]);
});
