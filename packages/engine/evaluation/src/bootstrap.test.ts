import { SeededRng } from '@tandem-rec/compute';
import { describe, expect, it } from 'vitest';

import { bootstrapMean, pairedBootstrap, pairedRatioBootstrap } from './bootstrap.ts';

const rng = (seed = 1): SeededRng => new SeededRng(seed, 'bootstrap');
const normal = (n: number, seed: number): Float64Array => {
  const source = new SeededRng(seed, 'data');
  return new Float64Array(n).map(() => source.normal());
};

describe('pairedBootstrap', () => {
  it('finds the standard error that theory gives for the mean of differences', () => {
    const control = normal(400, 1).map((x) => 5 + x);
    const noise = normal(400, 2);
    const treatment = control.map((x, k) => x + 0.1 + 0.5 * noise[k]);
    const { difference, differenceInterval, effect, interval, p } = pairedBootstrap(treatment, control, {
      rng: rng(),
      resamples: 4000,
    });
    // 1.96 standard errors of 0.5 / sqrt(400) on either side; unpaired it would be five times as wide.
    expect(differenceInterval[1] - differenceInterval[0]).toBeCloseTo((2 * 1.96 * 0.5) / 20, 1.5);
    expect(difference).toBeGreaterThan(differenceInterval[0]);
    expect(difference).toBeLessThan(differenceInterval[1]);
    expect(effect).toBeCloseTo(difference / 5, 2);
    expect(interval[0]).toBeGreaterThan(0);
    expect(p).toBeLessThan(0.01);
  });

  it('covers the truth about as often as it says', () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const [control, treatment] = [normal(60, seed), normal(60, 1000 + seed)];
      const { differenceInterval } = pairedBootstrap(treatment, control, {
        rng: rng(seed),
        resamples: 300,
        level: 0.8,
      });
      if (differenceInterval[0] <= 0 && 0 <= differenceInterval[1]) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.7);
    expect(covered / 200).toBeLessThan(0.9);
  });

  it('tells a great surprise from a small one beyond the number of resamples', () => {
    const p = (gain: number): number => {
      const treatment = normal(400, 3).map((x) => gain + x);
      return pairedBootstrap(treatment, new Float64Array(400), { rng: rng(), resamples: 500 }).p;
    };
    // z of about 4.5 and 6: a normal's tails beyond them are 7e-6 and 2e-9.
    expect(p(0.225)).toBeLessThan(5e-4);
    expect(p(0.225)).toBeGreaterThan(1e-8);
    expect(p(0.3)).toBeLessThan(p(0.225) / 100);
  });

  it('says nothing of equal results', () => {
    const values = Float64Array.of(0, 1, 0.5, 0);
    expect(pairedBootstrap(values, values, { rng: rng() })).toEqual({
      effect: 0,
      interval: [0, 0],
      difference: 0,
      differenceInterval: [0, 0],
      p: 1,
    });
  });

  it('has no relative effect over nothing', () => {
    expect(pairedBootstrap(Float64Array.of(1), Float64Array.of(0), { rng: rng(), resamples: 100 }).effect).toBe(
      Infinity,
    );
  });

  it('repeats itself with the same seed, and refuses pairs that are none', () => {
    const [a, b] = [normal(50, 1), normal(50, 2)];
    expect(pairedBootstrap(a, b, { rng: rng(3) })).toEqual(pairedBootstrap(a, b, { rng: rng(3) }));
    expect(() => pairedBootstrap(a, b.subarray(1), { rng: rng() })).toThrow(RangeError);
  });
});

describe('pairedRatioBootstrap', () => {
  it('compares means over events, not over blocks', () => {
    const counts = Float64Array.of(500, 500, 10);
    // Over events 0.2 rises to 0.22; the mean over blocks would rise from 0.43 to 0.45.
    const control = { sums: Float64Array.of(100, 92, 10), counts };
    const treatment = { sums: Float64Array.of(120, 92.2, 10), counts };
    const { effect, difference, interval } = pairedRatioBootstrap(treatment, control, { rng: rng() });
    expect(difference).toBeCloseTo(20.2 / 1010, 12);
    expect(effect).toBeCloseTo(0.1, 12);
    expect(interval[0]).toBeGreaterThanOrEqual(0);
    expect(interval[1]).toBeLessThan(0.21);
  });

  it('is the bootstrap of means where every block has one event', () => {
    const [a, b] = [normal(50, 1), normal(50, 2)];
    const counts = new Float64Array(50).fill(1);
    expect(pairedRatioBootstrap({ sums: a, counts }, { sums: b, counts }, { rng: rng(3) })).toEqual(
      pairedBootstrap(a, b, { rng: rng(3) }),
    );
  });
});

describe('bootstrapMean', () => {
  it('has the interval of the normal approximation for many values', () => {
    const { mean, interval } = bootstrapMean(normal(900, 7), { rng: rng() });
    expect(interval[1] - interval[0]).toBeCloseTo((2 * 1.96) / 30, 1.5);
    expect(mean).toBeGreaterThan(interval[0]);
    expect(mean).toBeLessThan(interval[1]);
  });
});
