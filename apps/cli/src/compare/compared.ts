import type { LeakFinding } from '@tandem-rec/data';
import type { RunKind } from './compared-run.ts';
import type { Curve, LessonWeights } from './run-result.ts';
import type { Side, SideNames } from './sides.ts';

/** Everything that a comparison found, as `--json` writes it. Effects are relative: 0.05 is +5 %. */
export interface Compared {
  readonly name: string;
  readonly regime: 'batch' | 'stream';
  readonly data: string;
  readonly cutoff: number;
  readonly seeds: readonly number[];
  /** Test users, or ranked events after the first fifth. */
  readonly asked: number;
  readonly sides: SideNames;
  readonly strategies: readonly string[];
  readonly rows: readonly ComparedRow[];
  readonly gains: readonly Gain[];
  readonly slices: readonly SliceGain[];
  readonly costs: readonly VariantCost[];
  /** Of the first seed. */
  readonly curves: readonly { readonly run: string; readonly curve: Curve }[];
  readonly lessons: readonly { readonly run: string; readonly weights: LessonWeights }[];
  readonly leaks: readonly LeakFinding[];
}

/** What one expert reached in one variant: means over seeds. */
export interface ComparedRow {
  readonly run: string;
  readonly kind: RunKind;
  readonly strategy?: string;
  /** `other`: at the table, but for no side. */
  readonly side: Side | 'other';
  readonly name: string;
  readonly ndcg: number;
  readonly recall: number;
  readonly ndcgBySeed: readonly number[];
}

/** An effect with its 95 % interval. */
export interface Effect {
  readonly effect: number;
  readonly interval: readonly [number, number];
  /** Of the metric itself. */
  readonly difference: number;
  readonly differenceInterval: readonly [number, number];
  readonly p: number;
}

export interface Gain extends Effect {
  readonly run: string;
  readonly strategy: string;
  readonly side: Side;
  readonly permuted: boolean;
  /** `control`: the same expert without the exchange, with the same texts; `ensemble`: the fusion of all experts of the control. */
  readonly over: 'control' | 'ensemble';
  /** Holm, over all gains of the comparison. */
  readonly pCorrected: number;
  /** `pCorrected` below .05. */
  readonly significant: boolean;
}

/** The gain of a side over its control within a slice. Not corrected for the number of slices. */
export interface SliceGain extends Effect {
  readonly strategy: string;
  readonly side: Side;
  readonly by: 'item' | 'user';
  /** How often the item, or the user, was met before. */
  readonly label: string;
  /** Targets or users in the slice; for a stream events. */
  readonly count: number;
  readonly control: number;
  readonly exchange: number;
}

/** Means over seeds; memory is the most. */
export interface VariantCost {
  readonly run: string;
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly peakMb: number;
  readonly tokens?: number;
  readonly money?: number;
}
