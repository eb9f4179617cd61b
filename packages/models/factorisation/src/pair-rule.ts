import type { Batch, FitRun, Rng } from '@tandem-rec/contract';
import type { FactorTables, PairwisePass, PairwiseSetting } from './pairwise-batch.ts';

/** What tells pairwise methods apart: which unmet items are set against a met one, and what a pair costs. */
export interface PairRule {
  /** λ, the weight of ‖Θ‖²/2 for every row of a sample. */
  readonly regularisation: number;
  /** Unmet items an event. */
  readonly negatives: number;
  /** Draws them for a batch, `batch.size × negatives`. An event's own item stands for none: a sample that teaches nothing. */
  draw(batch: Batch, tables: FactorTables, rng: Rng, into: Int32Array): void;
  /** The loss of a sample of the last draw whose met item scores x above the other. */
  loss(x: number, sample: number): number;
  /** −d loss / dx. */
  slope(x: number, sample: number): number;
  /** Training in place on data at rest. */
  begin(setting: PairwiseSetting, run: FitRun, rng: Rng): PairwisePass;
}

/** Whether the event's item or the user's history is this item. */
export function hasMet({ history, items }: Batch, b: number, item: number): boolean {
  if (item === items[b]) return true;
  for (let k = history.offsets[b]; k < history.offsets[b + 1]; k++) if (history.items[k] === item) return true;
  return false;
}
