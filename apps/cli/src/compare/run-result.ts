import type { LeakFinding } from '@tandem-rec/data';
import type { BlockSums } from '@tandem-rec/evaluation';

/** What one finished run left: all that a report needs, as JSON. */
export interface RunResult {
  readonly format: 1;
  /** What it was, for people who open the file. */
  readonly about: {
    readonly configuration: string;
    readonly run: string;
    readonly seed: number;
    readonly regime: 'batch' | 'stream';
  };
  readonly experts: readonly ExpertResult[];
  /** Who was asked, once for all experts; for a stream nothing. */
  readonly asked?: { readonly users: readonly number[]; readonly offsets: readonly number[] };
  readonly curve: Curve;
  /** What a guard did to each lesson, if the strategy tells. */
  readonly lessons: readonly LessonWeights[];
  /** Leaks that could only be looked for in the run itself. */
  readonly leaks: readonly LeakFinding[];
  readonly cost: RunCost;
}

export interface ExpertResult {
  readonly name: string;
  readonly ndcg: number;
  readonly recall: number;
  readonly measured: Measured;
  /** Epoch at which it was tested; for a stream nothing. */
  readonly bestEpoch?: number;
  /** CPU seconds of its own learning; unknown for a stream. */
  readonly cpuSeconds?: number;
}

/** Batch: the place of every target of `asked`, and which it was. Stream: sums over blocks of events, altogether and by age. */
export type Measured =
  | { readonly kind: 'ranks'; readonly ranks: readonly number[]; readonly targets: readonly number[] }
  | {
      readonly kind: 'blocks';
      readonly all: PlainSums;
      readonly byItem: readonly PlainSums[];
      readonly byUser: readonly PlainSums[];
    };

export interface PlainSums {
  readonly sums: readonly number[];
  readonly counts: readonly number[];
}

/** NDCG as it went: on validation by epoch, or of each block of the stream. */
export interface Curve {
  readonly x: string;
  readonly experts: Readonly<Record<string, readonly (readonly [x: number, ndcg: number])[]>>;
}

/** Weights of one lesson over time, by popularity bucket of the items it speaks of. */
export interface LessonWeights {
  readonly lesson: string;
  readonly buckets: readonly string[];
  readonly series: readonly { readonly sequence: number; readonly weights: readonly number[] }[];
}

export interface RunCost {
  /** Of the whole process: reading, learning, ranking. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly peakMb: number;
  /** Of hosted models, where they say it. */
  readonly tokens?: number;
  readonly money?: number;
}

export const plainSums = ({ sums, counts }: BlockSums): PlainSums => ({ sums: [...sums], counts: [...counts] });

export const blockSums = ({ sums, counts }: PlainSums): BlockSums => ({
  sums: Float64Array.from(sums),
  counts: Float64Array.from(counts),
});
