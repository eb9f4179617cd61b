import { SeededRng } from '@tandem-rec/compute';
import { describe, expect, it } from 'vitest';

import { pairedRatioBootstrap, type BlockSums } from './bootstrap.ts';
import { hierarchicalBootstrap } from './hierarchical-bootstrap.ts';

const TRUTH = 0.1;

interface World {
  readonly seeds: number;
  /** Standard deviations of the gain: between users, of one user between trainings, of everybody's between trainings. */
  readonly users: number;
  readonly noise: number;
  readonly training: number;
}

/** Two arms over the same users in which the treatment gains `TRUTH` on average over users and trainings. */
function arms({ seeds, users, noise, training }: World, seed: number): [BlockSums[], BlockSums[]] {
  const rng = new SeededRng(seed, 'world');
  const normal = (): Float64Array => Float64Array.from({ length: 150 }, () => rng.normal());
  const counts = new Float64Array(150).fill(1);
  const [base, taste] = [normal(), normal()];
  const pairs = Array.from({ length: seeds }, () => {
    const [luck, own] = [training * rng.normal(), normal()];
    const control = base.map((value) => 5 + value);
    return [control.map((value, u) => value + TRUTH + users * taste[u] + luck + noise * own[u]), control];
  });
  return [0, 1].map((arm) => pairs.map((pair) => ({ sums: pair[arm], counts }))) as [BlockSums[], BlockSums[]];
}

/** How often a 95 % interval holds the truth, and its mean half width over 1.96 beside the true standard error. */
function measure(world: World, trials = 200): { coverage: number; width: number; error: number } {
  let [covered, width, square] = [0, 0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const [treatment, control] = arms(world, trial);
    const {
      difference,
      differenceInterval: [low, high],
    } = hierarchicalBootstrap(treatment, control, {
      rng: new SeededRng(trial, 'draws'),
      resamples: 200,
    });
    if (low <= TRUTH && TRUTH <= high) covered++;
    width += (high - low) / 2 / 1.96 / trials;
    square += (difference - TRUTH) ** 2 / trials;
  }
  return { coverage: covered / trials, width, error: Math.sqrt(square) };
}

describe('hierarchicalBootstrap', () => {
  it.each([
    ['users alone differ', { seeds: 3, users: 1, noise: 0, training: 0 }],
    ['users differ, and each under every seed', { seeds: 3, users: 0.3, noise: 1, training: 0 }],
    ['users and trainings differ', { seeds: 3, users: 1, noise: 1, training: 0.08 }],
    ['five trainings differ', { seeds: 5, users: 0.5, noise: 0.5, training: 0.05 }],
  ])('is as wide as the true error where %s', (_, world) => {
    const { coverage, width, error } = measure(world);
    expect(width / error).toBeGreaterThan(0.85);
    expect(width / error).toBeLessThan(1.25);
    expect(coverage).toBeGreaterThan(0.88);
  });

  it('is too sure where little more than three trainings differ, and far too sure with one', () => {
    const three = measure({ seeds: 3, users: 0.3, noise: 0.3, training: 0.2 });
    expect(three.coverage).toBeGreaterThan(0.7);
    expect(three.coverage).toBeLessThan(0.9);
    expect(measure({ seeds: 1, users: 0.3, noise: 0.3, training: 0.2 }).coverage).toBeLessThan(0.4);
  });

  it('is the bootstrap over blocks for one seed, and counts blocks by their events', () => {
    const treatment = { sums: Float64Array.of(3, 1, 8), counts: Float64Array.of(2, 1, 4) };
    const control = { sums: Float64Array.of(2, 1, 6), counts: Float64Array.of(2, 1, 4) };
    const options = () => ({ rng: new SeededRng(1, 'x'), resamples: 300 });
    const one = hierarchicalBootstrap([treatment], [control], options());
    expect(one).toEqual(pairedRatioBootstrap(treatment, control, options()));
    expect(one.effect).toBeCloseTo(3 / 9, 12);
    // Seeds that agree to the last digit add nothing.
    const { effect, interval } = hierarchicalBootstrap([treatment, treatment], [control, control], options());
    expect(effect).toBeCloseTo(3 / 9, 12);
    expect(interval[1]).toBeLessThanOrEqual(0.5);
  });

  it('refuses arms of different seeds', () => {
    const arm = { sums: Float64Array.of(1), counts: Float64Array.of(1) };
    expect(() => hierarchicalBootstrap([arm, arm], [arm], { rng: new SeededRng(1) })).toThrow(RangeError);
  });
});
