import type { Ranking } from './rank-all.ts';

/** One number per user of a ranking, in its order: the unit of means, slices and the paired bootstrap. */
export interface UserMetrics {
  readonly cutoff: number;
  /** Share of the user's targets among the first `cutoff`. */
  readonly recall: Float64Array;
  /** Gain 1 / log₂(place + 1) with places from 1, over the best possible with `min(cutoff, targets)` of them. */
  readonly ndcg: Float64Array;
  /** 1 if any target is among the first `cutoff`. */
  readonly hitRate: Float64Array;
  /** 1 over the place of the first target, wherever it is. */
  readonly mrr: Float64Array;
  /** NaN for users whose candidates are all targets. */
  readonly auc: Float64Array;
}

/** What a ranking is worth, user by user. Users without targets get 0. */
export function userMetrics(ranking: Ranking, cutoff: number): UserMetrics {
  const { users, offsets, ranks } = ranking;
  const [recall, ndcg, hitRate, mrr] = Array.from({ length: 4 }, () => new Float64Array(users.length));
  const ideal = new Float64Array(cutoff + 1);
  for (let k = 0; k < cutoff; k++) ideal[k + 1] = ideal[k] + gain(k);
  for (let k = 0; k < users.length; k++) {
    const [from, to] = [offsets[k], offsets[k + 1]];
    if (from === to) continue;
    let hits = 0;
    let gained = 0;
    for (let at = from; at < to && ranks[at] < cutoff; at++) {
      hits++;
      gained += gain(ranks[at]);
    }
    recall[k] = hits / (to - from);
    ndcg[k] = gained / ideal[Math.min(cutoff, to - from)];
    hitRate[k] = hits > 0 ? 1 : 0;
    mrr[k] = 1 / (ranks[from] + 1);
  }
  return { cutoff, recall, ndcg, hitRate, mrr, auc: ranking.auc };
}

/** Means over users. */
export interface RankingScores {
  readonly users: number;
  readonly cutoff: number;
  readonly recall: number;
  readonly ndcg: number;
  readonly hitRate: number;
  readonly mrr: number;
  /** Mean of the users' AUC over those for whom it is defined. NaN if there are none. */
  readonly uauc: number;
  /** Users without an AUC: every candidate is a target. They are left out of `uauc`, not counted as 0 or 0.5. */
  readonly uaucLeftOut: number;
}

/** The means of {@link userMetrics}. */
export function summarise({ cutoff, recall, ndcg, hitRate, mrr, auc }: UserMetrics): RankingScores {
  const defined = auc.filter((value) => !Number.isNaN(value));
  return {
    users: recall.length,
    cutoff,
    recall: mean(recall),
    ndcg: mean(ndcg),
    hitRate: mean(hitRate),
    mrr: mean(mrr),
    uauc: mean(defined),
    uaucLeftOut: auc.length - defined.length,
  };
}

/** The discount of a 0-based rank: 1 / log₂(rank + 2). */
export const gain = (rank: number): number => 1 / Math.log2(rank + 2);

/** NaN for no values. */
export function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
