import type { Rng } from '@tandem-rec/contract';

import { mean } from './ranking-metrics.ts';

export interface BootstrapOptions {
  readonly rng: Rng;
  /** Default 2000. */
  readonly resamples?: number;
  /** Coverage of intervals. Default 0.95. */
  readonly level?: number;
}

/** Ends of a percentile interval. */
export type Interval = readonly [low: number, high: number];

/** How a treatment compares with its control on the same users. */
export interface PairedComparison {
  /** Relative change of the mean over the control's, 0.05 = +5 %. NaN if the control's mean is 0. */
  readonly effect: number;
  /** Interval of `effect`. */
  readonly interval: Interval;
  /** Absolute change of the mean. */
  readonly difference: number;
  readonly differenceInterval: Interval;
  /**
   * Two-sided: how surprising the difference would be if there were none, by the resamples beyond nought. Where there are
   * none, by the tail of a normal with the resamples' standard deviation: what is corrected for many looks must not end at
   * 2 / (resamples + 1).
   */
  readonly p: number;
}

/** A measure kept as sums over blocks of events: block k holds `counts[k]` events, which together reach `sums[k]`. */
export interface BlockSums {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/**
 * Paired bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993; for ranking measures Sakai, SIGIR
 * 2006): users are drawn with replacement, each with both results, and both means are taken anew. Equal lengths.
 */
export function pairedBootstrap(
  treatment: Float64Array,
  control: Float64Array,
  options: BootstrapOptions,
): PairedComparison {
  const ones = (values: Float64Array): BlockSums => ({ sums: values, counts: new Float64Array(values.length).fill(1) });
  return pairedRatioBootstrap(ones(treatment), ones(control), options);
}

/**
 * The same over blocks of events: blocks are drawn, and what is compared is the mean over their events, the ratio of the
 * sums to the counts. A block counts by its events, so that the effect is that of the means over all events.
 */
export function pairedRatioBootstrap(
  treatment: BlockSums,
  control: BlockSums,
  options: BootstrapOptions,
): PairedComparison {
  return resampled(treatment, control, options, () => NO_DEVIATION);
}

/** What a draw adds to the means of treatment and control, beside the drawn blocks. */
export type Deviation = readonly [treatment: number, control: number];

const NO_DEVIATION: Deviation = [0, 0];

/** Bootstrap over blocks; `deviation` is asked in every resample, after its blocks were drawn. */
export function resampled(
  treatment: BlockSums,
  control: BlockSums,
  { rng, resamples = 2000, level = 0.95 }: BootstrapOptions,
  deviation: () => Deviation,
): PairedComparison {
  const n = treatment.sums.length;
  if (n === 0 || control.sums.length !== n)
    throw new RangeError(`A paired bootstrap of ${n} and ${control.sums.length} values.`);
  const effects = new Float64Array(resamples);
  const differences = new Float64Array(resamples);
  let notAbove = 0;
  let notBelow = 0;
  for (let r = 0; r < resamples; r++) {
    let [a, aCount, b, bCount] = [0, 0, 0, 0];
    for (let k = 0; k < n; k++) {
      const drawn = rng.int(n);
      a += treatment.sums[drawn];
      aCount += treatment.counts[drawn];
      b += control.sums[drawn];
      bCount += control.counts[drawn];
    }
    const [more, less] = deviation();
    a = a / aCount + more;
    b = b / bCount + less;
    differences[r] = a - b;
    effects[r] = a === b ? 0 : (a - b) / b;
    if (a <= b) notAbove++;
    if (a >= b) notBelow++;
  }
  const [was, is] = [ratio(control), ratio(treatment)];
  return {
    effect: (is - was) / was,
    interval: percentiles(effects, level),
    difference: is - was,
    differenceInterval: percentiles(differences, level),
    p: twoSided(Math.min(notAbove, notBelow), differences, is - was),
  };
}

function twoSided(beyond: number, differences: Float64Array, difference: number): number {
  const p = Math.min(1, (2 * (beyond + 1)) / (differences.length + 1));
  if (beyond > 0) return p;
  const centre = mean(differences);
  const deviation = Math.sqrt(mean(differences.map((one) => (one - centre) ** 2)));
  const z = Math.abs(difference) / deviation;
  // Beyond three deviations the first terms of the tail's expansion are exact to a percent.
  return z > 3
    ? Math.min(p, ((2 * Math.exp((-z * z) / 2)) / (z * Math.sqrt(2 * Math.PI))) * (1 - 1 / z ** 2 + 3 / z ** 4))
    : p;
}

/** The mean over all events. */
export const ratio = ({ sums, counts }: BlockSums): number => sums.reduce(plus, 0) / counts.reduce(plus, 0);

const plus = (a: number, b: number): number => a + b;

/** The mean of users' results with its percentile interval. */
export function bootstrapMean(
  values: Float64Array,
  options: BootstrapOptions,
): { readonly mean: number; readonly interval: Interval } {
  const { rng, resamples = 2000, level = 0.95 } = options;
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += values[rng.int(values.length)];
    means[r] = sum / values.length;
  }
  return { mean: mean(values), interval: percentiles(means, level) };
}

/** Linear interpolation between order statistics, as numpy's default. */
function percentiles(values: Float64Array, level: number): Interval {
  const sorted = values.slice().sort();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const low = Math.floor(place);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] === sorted[high] ? sorted[low] : sorted[low] + (place - low) * (sorted[high] - sorted[low]);
  };
  return [at((1 - level) / 2), at((1 + level) / 2)];
}
