import type { Rng } from '@tandem-rec/contract';

import { ratio, resampled, type BlockSums, type BootstrapOptions, type PairedComparison } from './bootstrap.ts';

/**
 * Paired bootstrap over blocks **and** seeds: would the gain come again with other users and another training? Both arms
 * are given once a seed, over the same blocks (users, or blocks of a stream's events); the effect is that of the means
 * over all seeds. In every resample blocks are drawn, each with what it reached under every seed, and seeds.
 *
 * Users are crossed with seeds, not nested in them. Drawn naively, the noise of one user under one seed would come in by
 * both draws and count three times (Owen, "The pigeonhole bootstrap", AoAS 2007). So a seed's deviation from the mean is
 * first shrunk by what that noise explains of the variance between seeds. And of S seeds S − 1 are drawn, or the variance
 * between few of them would come out at (S − 1)/S of what it is (Rao and Wu, JASA 1988).
 *
 * With one seed it is the bootstrap over blocks: the interval then says nothing of the training's variance. With two or
 * three it rests on two or three trainings: see the test for how often such intervals hold the truth.
 */
export function hierarchicalBootstrap(
  treatment: readonly BlockSums[],
  control: readonly BlockSums[],
  options: BootstrapOptions,
): PairedComparison {
  const seeds = treatment.length;
  if (seeds === 0 || control.length !== seeds)
    throw new RangeError(`A paired bootstrap of ${seeds} and ${control.length} seeds.`);
  const [a, b] = [deviations(treatment), deviations(control)];
  const heard = shrinkage(treatment, control);
  const { rng } = options;
  return resampled(pooled(treatment), pooled(control), options, () => {
    const [more, less] = drawnSeeds(seeds, rng).reduce(([x, y], s) => [x + a[s], y + b[s]], [0, 0]);
    return [(heard * more) / (seeds - 1 || 1), (heard * less) / (seeds - 1 || 1)];
  });
}

const drawnSeeds = (seeds: number, rng: Rng): number[] => Array.from({ length: seeds - 1 }, () => rng.int(seeds));

/** Each seed's mean over that of all. */
function deviations(arm: readonly BlockSums[]): readonly number[] {
  const all = ratio(pooled(arm));
  return arm.map((one) => ratio(one) - all);
}

/** Block by block over all seeds. */
function pooled(arm: readonly BlockSums[]): BlockSums {
  const over = (field: keyof BlockSums): Float64Array =>
    arm[0][field].map((_, k) => arm.reduce((sum, one) => sum + one[field][k], 0));
  return { sums: over('sums'), counts: over('counts') };
}

/**
 * √ of the share of variance between the seeds' differences that is theirs: the rest is what the users' noise within a
 * seed makes of means over so many users, estimated from how each block's influence differs between seeds.
 */
function shrinkage(treatment: readonly BlockSums[], control: readonly BlockSums[]): number {
  const seeds = treatment.length;
  if (seeds === 1) return 0;
  const differences = treatment.map((one, s) => ratio(one) - ratio(control[s]));
  const mean = differences.reduce((sum, d) => sum + d, 0) / seeds;
  const between = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (seeds - 1);
  if (between === 0) return 0;
  const influences = treatment.map((one, s) => {
    const [up, down] = [influence(one), influence(control[s])];
    return up.map((value, k) => value - down[k]);
  });
  let noise = 0;
  for (let k = 0; k < influences[0].length; k++) {
    const usual = influences.reduce((sum, of) => sum + of[k], 0) / seeds;
    for (const of of influences) noise += (of[k] - usual) ** 2 / (seeds - 1);
  }
  return Math.sqrt(Math.max(0, 1 - noise / between));
}

/** How much each block moves the mean. */
function influence(arm: BlockSums): Float64Array {
  const mean = ratio(arm);
  const events = arm.counts.reduce((sum, count) => sum + count, 0);
  return arm.sums.map((sum, k) => (sum - mean * arm.counts[k]) / events);
}
