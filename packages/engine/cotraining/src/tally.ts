import type { StepTimes } from './co-training-step.ts';

/** What became of the records so far. */
export interface Counts {
  records: number;
  /** Interactions learned. */
  events: number;
  /** Item records. */
  items: number;
  duplicates: number;
  /** Valid, but not among the positives. */
  ignored: number;
  bad: number;
}

export const COUNTS = ['records', 'events', 'items', 'duplicates', 'ignored', 'bad'] as const;

/** Milliseconds spent in each stage, added up since the process started. */
export interface StageTimes extends StepTimes {
  decode: number;
  /** De-duplication, rows for new users and items, and histories. */
  dedupe: number;
  rank: number;
  fuse: number;
}
