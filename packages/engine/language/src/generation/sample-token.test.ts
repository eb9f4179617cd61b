import { SeededRng } from '@tandem-rec/compute';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleToken } from './sample-token.ts';

describe('sampleToken', () => {
  it('takes the best without a temperature, the first of equal ones', () => {
    expect(sampleToken([1, 3, 3, -Infinity], {})).toBe(1);
    expect(() => sampleToken([-Infinity, NaN], {})).toThrow(RangeError);
    expect(() => sampleToken([1, 2], { temperature: 1 })).toThrow(/random numbers/);
  });

  it('draws by the probabilities at a temperature', () => {
    const rng = new SeededRng(3);
    const counts = [0, 0, 0];
    for (let i = 0; i < 20_000; i++)
      counts[sampleToken([Math.log(1), Math.log(2), Math.log(4)], { temperature: 2 }, rng)]++;
    const total = 1 + Math.SQRT2 + 2;
    for (const [i, weight] of [1, Math.SQRT2, 2].entries()) expect(counts[i] / 20_000).toBeCloseTo(weight / total, 1.7);
  });

  it('draws the likeliest tokens only that make up top-p, and never an excluded one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(-Infinity)), { minLength: 1 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.nat(),
        (logits, topP, seed) => {
          fc.pre(logits.some((logit) => logit > -Infinity));
          const drawn = sampleToken(logits, { temperature: 1, topP }, new SeededRng(seed));
          expect(logits[drawn]).toBeGreaterThan(-Infinity);
          const weights = logits.map(Math.exp);
          const above = weights.reduce((sum, weight) => sum + (weight > weights[drawn] ? weight : 0), 0);
          expect(above).toBeLessThan(topP * weights.reduce((sum, weight) => sum + weight, 0) + 1e-9);
        },
      ),
    );
  });
});
