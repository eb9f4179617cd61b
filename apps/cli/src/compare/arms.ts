import {
  AGE_BUCKETS,
  itemSliceSums,
  userMetrics,
  userSliceSums,
  type BlockSums,
  type Ranking,
} from '@tandem-rec/evaluation';
import type { ComparedRun, RunKind } from './compared-run.ts';
import { blockSums, type Measured, type RunResult } from './run-result.ts';

/** A finished run of the comparison. */
export interface FinishedRun {
  readonly run: ComparedRun;
  readonly result: RunResult;
}

/** How often users and items occur in the training part; streams count for themselves. */
export interface TrainingCounts {
  readonly items: ArrayLike<number>;
  readonly users: ArrayLike<number>;
}

/** One expert under one seed, as bootstraps want it: altogether, and slice by slice of `AGE_BUCKETS`. */
export interface Arm {
  readonly ndcg: number;
  readonly recall: number;
  readonly all: BlockSums;
  readonly byItem: readonly BlockSums[];
  readonly byUser: readonly BlockSums[];
}

/** What an expert reached in the runs of one kind, a seed after the other. */
export class Arms {
  readonly #runs: readonly FinishedRun[];
  readonly #cutoff: number;
  readonly #counts: TrainingCounts;
  readonly #made = new Map<string, readonly Arm[]>();

  constructor(runs: readonly FinishedRun[], cutoff: number, counts: TrainingCounts) {
    this.#runs = runs;
    this.#cutoff = cutoff;
    this.#counts = counts;
  }

  /** Empty where that expert was not at the table. */
  of(expert: string, kind: RunKind, strategy?: string): readonly Arm[] {
    const key = JSON.stringify([expert, kind, strategy]);
    const made =
      this.#made.get(key) ??
      this.runs(kind, strategy).flatMap(({ result }) => {
        const found = result.experts.find(({ name }) => name === expert);
        return found ? [{ ndcg: found.ndcg, recall: found.recall, ...this.#sums(found.measured, result.asked) }] : [];
      });
    this.#made.set(key, made);
    return made;
  }

  runs(kind: RunKind, strategy?: string): readonly FinishedRun[] {
    return this.#runs.filter(({ run }) => run.kind === kind && run.strategy?.name === strategy);
  }

  #sums(measured: Measured, asked: RunResult['asked']): Pick<Arm, 'all' | 'byItem' | 'byUser'> {
    if (measured.kind === 'blocks')
      return {
        all: blockSums(measured.all),
        byItem: measured.byItem.map(blockSums),
        byUser: measured.byUser.map(blockSums),
      };
    const users = Int32Array.from(asked!.users);
    const ranking: Ranking = {
      users,
      offsets: Int32Array.from(asked!.offsets),
      ranks: Int32Array.from(measured.ranks),
      targets: Int32Array.from(measured.targets),
      candidates: new Int32Array(0),
      auc: new Float64Array(0),
    };
    const metrics = userMetrics(ranking, this.#cutoff);
    return {
      all: { sums: metrics.ndcg, counts: new Float64Array(users.length).fill(1) },
      byItem: itemSliceSums(ranking, this.#counts.items, this.#cutoff).map(({ ndcg }) => ndcg),
      byUser: userSliceSums(users, metrics, this.#counts.users).map(({ ndcg }) => ndcg),
    };
  }
}

/** The slices of items and of users. */
export const SLICES: readonly string[] = AGE_BUCKETS;
