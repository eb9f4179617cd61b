import type { Bridge, Evaluation, Logger, Role } from '@tandem-rec/contract';
import { summarise, userMetrics, type Ranking, type RankingScores } from '@tandem-rec/evaluation';

/** What one expert reached on the test part, at the epoch that was best on validation. */
export interface OfflineResult {
  readonly name: string;
  readonly side: Role | 'fused';
  readonly scores: RankingScores;
  /** NDCG and recall of each test user, in the order of `users`. */
  readonly ndcg: Float64Array;
  readonly recall: Float64Array;
  readonly users: Int32Array;
  /** Where the test items came out, for slices. */
  readonly ranking: Ranking;
  /** 0 where there is no validation part. */
  readonly validationNdcg: number;
  readonly bestEpoch: number;
  /** CPU milliseconds of its own learning, until training ended. */
  readonly cpuMs: number;
}

/** After each validation. */
export interface OfflineProgress {
  readonly epoch: number;
  readonly epochs: number;
  /** NDCG on validation, by expert. */
  readonly validation: Readonly<Record<string, number>>;
  /** Mean of each participant's losses in the last step. */
  readonly losses: Readonly<Record<string, number>>;
}

export interface OfflineOptions {
  readonly evaluation: Evaluation;
  readonly historyLimit: number;
  readonly signal: AbortSignal;
  /** CPU milliseconds of this process. */
  readonly cpuMs: () => number;
  /** Where lessons are named that nobody can learn from. */
  readonly log?: Logger;
  readonly onProgress?: (progress: OfflineProgress) => void;
  /** Everybody is at the table and has rows, nobody has learned: for looking at what they know by then. */
  readonly onReady?: (bridge: Bridge) => Promise<void>;
}

/**
 * The result of a ranking of the test part. `learnBy`: CPU milliseconds of learning by participant; who is not among them,
 * a fusion, has cost what all did. They are read when asked: learning goes on after the best epoch.
 */
export function offlineResult(
  { name, side, validationNdcg, bestEpoch }: Pick<OfflineResult, 'name' | 'side' | 'validationNdcg' | 'bestEpoch'>,
  ranking: Ranking,
  cutoff: number,
  learnBy: Readonly<Record<string, number>>,
): OfflineResult {
  const metrics = userMetrics(ranking, cutoff);
  return {
    name,
    side,
    scores: summarise(metrics),
    ndcg: metrics.ndcg,
    recall: metrics.recall,
    users: ranking.users,
    ranking,
    validationNdcg,
    bestEpoch,
    get cpuMs() {
      return learnBy[name] ?? Object.values(learnBy).reduce((sum, ms) => sum + ms, 0);
    },
  };
}
