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
  /** Two-sided: how surprising the difference would be if there were none; at least 2 / (resamples + 1). */
  readonly p: number;
}

/**
 * Paired bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993; for ranking measures Sakai, SIGIR
 * 2006): users are drawn with replacement, each with both results, and both means are taken anew. Equal lengths; the
 * pairs may as well be blocks of a stream.
 */
export function pairedBootstrap(
  treatment: Float64Array,
  control: Float64Array,
  options: BootstrapOptions,
): PairedComparison {
  const { rng, resamples = 2000, level = 0.95 } = options;
  const n = treatment.length;
  if (n === 0 || control.length !== n) throw new RangeError(`A paired bootstrap of ${n} and ${control.length} values.`);
  const effects = new Float64Array(resamples);
  const differences = new Float64Array(resamples);
  let notAbove = 0;
  let notBelow = 0;
  for (let r = 0; r < resamples; r++) {
    let a = 0;
    let b = 0;
    for (let k = 0; k < n; k++) {
      const drawn = rng.int(n);
      a += treatment[drawn];
      b += control[drawn];
    }
    differences[r] = (a - b) / n;
    effects[r] = a === b ? 0 : (a - b) / b;
    if (a <= b) notAbove++;
    if (a >= b) notBelow++;
  }
  const [was, is] = [mean(control), mean(treatment)];
  return {
    effect: (is - was) / was,
    interval: percentiles(effects, level),
    difference: is - was,
    differenceInterval: percentiles(differences, level),
    p: Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (resamples + 1)),
  };
}

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
