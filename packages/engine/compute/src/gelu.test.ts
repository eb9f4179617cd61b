import { describe, expect, it } from 'vitest';
import { gelu } from './gelu.ts';

describe('gelu', () => {
  it('is x Φ(x), with its slope', () => {
    // Φ from scipy.stats.norm.cdf.
    const x = Float32Array.of(-3, -1, -0.25, 0, 0.5, 2);
    const [values, slopes] = [new Float32Array(6), new Float32Array(6)];
    gelu(x, values, slopes);
    const Phi = [0.001349898, 0.158655254, 0.401293674, 0.5, 0.691462461, 0.977249868];
    for (const [i, phi] of Phi.entries()) expect(values[i]).toBeCloseTo(x[i] * phi, 6);
    for (const [i, v] of x.entries()) {
      const [near, ignored] = [new Float32Array(2), new Float32Array(2)];
      gelu(Float32Array.of(v - 1e-2, v + 1e-2), near, ignored);
      expect(slopes[i]).toBeCloseTo((near[1] - near[0]) / 2e-2, 3);
    }
  });

  it('refuses too little room', () => {
    expect(() => gelu(new Float32Array(5), new Float32Array(5), new Float32Array(4))).toThrow(RangeError);
  });

  it('takes any number of values, and the largest', () => {
    const x = Float32Array.of(100, -100, 1e30, -1e30, 0);
    const slopes = new Float32Array(5);
    gelu(x, x, slopes);
    expect([...x]).toEqual([100, -0, Math.fround(1e30), -0, 0]);
    expect([...slopes].map((slope) => slope + 0)).toEqual([1, 0, 1, 0, 0.5]);
  });
});
