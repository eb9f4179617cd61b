import { describe, expect, it } from 'vitest';
import { exp32 } from './exp32.ts';

describe('exp32', () => {
  it('is the exponential to the precision of float32', () => {
    for (let x = -86.9; x <= 87; x += 0.0137) expect(Math.abs(exp32(x) / Math.exp(x) - 1)).toBeLessThan(2e-7);
  });

  it('ends quietly', () => {
    expect([exp32(-Infinity), exp32(-1000), exp32(0), exp32(NaN)]).toEqual([0, 0, 1, NaN]);
    expect(Number.isFinite(exp32(Infinity))).toBe(true);
  });
});
