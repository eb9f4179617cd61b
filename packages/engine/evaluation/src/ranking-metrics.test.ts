import { describe, expect, it } from 'vitest';

import type { Ranking } from './rank-all.ts';
import { summarise, userMetrics } from './ranking-metrics.ts';
import { sliceByItem, sliceByUser } from './slices.ts';

/** Rankings by example: for each user the ranks and the items found there. */
function ranking(users: readonly { ranks: number[]; items?: number[]; auc?: number }[]): Ranking {
  const offsets = new Int32Array(users.length + 1);
  users.forEach(({ ranks }, k) => (offsets[k + 1] = offsets[k] + ranks.length));
  return {
    users: Int32Array.from(users, (_, k) => 10 + k),
    offsets,
    ranks: Int32Array.from(users.flatMap(({ ranks }) => ranks)),
    targets: Int32Array.from(users.flatMap(({ ranks, items }) => items ?? ranks)),
    candidates: new Int32Array(users.length).fill(100),
    auc: Float64Array.from(users, ({ auc }) => auc ?? 0.5),
  };
}

describe('userMetrics', () => {
  it('is what one computes by hand', () => {
    // Places 1, 3 and 6 of five targets, cut at 3: DCG = 1 + 1/2, ideal = 1 + 1/log2(3) + 1/2.
    const metrics = userMetrics(ranking([{ ranks: [0, 2, 5, 40, 50] }]), 3);
    expect(metrics.recall[0]).toBeCloseTo(2 / 5, 12);
    expect(metrics.ndcg[0]).toBeCloseTo(1.5 / 2.1309297535714578, 12);
    expect(metrics.hitRate[0]).toBe(1);
    expect(metrics.mrr[0]).toBe(1);
  });

  it('cuts the ideal at the number of targets', () => {
    // Places 2 and 3 of two targets: (1/log2(3) + 1/2) / (1 + 1/log2(3)).
    expect(userMetrics(ranking([{ ranks: [1, 2] }]), 10).ndcg[0]).toBeCloseTo(0.6934264036172708, 12);
  });

  it('keeps the cutoff itself outside', () => {
    const metrics = userMetrics(ranking([{ ranks: [9] }, { ranks: [10] }]), 10);
    expect([...metrics.recall]).toEqual([1, 0]);
    expect(metrics.ndcg[0]).toBeCloseTo(1 / Math.log2(11), 12);
    expect(metrics.mrr[1]).toBeCloseTo(1 / 11, 12);
  });

  it('averages over users, and leaves users without an AUC out of UAUC only', () => {
    const scores = summarise(
      userMetrics(
        ranking([
          { ranks: [0], auc: 0.9 },
          { ranks: [99], auc: NaN },
          { ranks: [4], auc: 0.7 },
        ]),
        5,
      ),
    );
    expect(scores).toMatchObject({ users: 3, cutoff: 5, uaucLeftOut: 1 });
    expect(scores.uauc).toBeCloseTo(0.8, 12);
    expect(scores.recall).toBeCloseTo(2 / 3, 12);
    expect(scores.hitRate).toBeCloseTo(2 / 3, 12);
    expect(scores.ndcg).toBeCloseTo((1 + 1 / Math.log2(6)) / 3, 12);
    expect(scores.mrr).toBeCloseTo((1 + 0.01 + 0.2) / 3, 12);
  });
});

describe('slices', () => {
  const ranked = ranking([
    { ranks: [0, 50], items: [1, 0] },
    { ranks: [2], items: [2] },
  ]);
  const bounds = [0, 1, 5];

  it('judge targets by their popularity', () => {
    expect(sliceByItem(ranked, [0, 4, 5], 10, bounds)).toEqual([
      { label: '0', count: 1, recall: 0, ndcg: 0 },
      { label: '1-4', count: 1, recall: 1, ndcg: 1 },
      { label: '5+', count: 1, recall: 1, ndcg: 0.5 },
    ]);
  });

  it('judge users by their history, and say where nobody is', () => {
    const slices = sliceByUser(ranked, userMetrics(ranked, 10), Object.assign([], { 10: 5, 11: 0 }), bounds);
    expect(slices.map(({ label, count, recall }) => [label, count, recall])).toEqual([
      ['0', 1, 1],
      ['1-4', 0, NaN],
      ['5+', 1, 0.5],
    ]);
  });
});
