import { describe, expect, it } from 'vitest';
import { heardIn } from './heard.ts';

describe('heardIn', () => {
  it('finds the weights of guards wherever they stand, and nothing else', () => {
    const report = {
      buckets: ['0', '1-4'],
      weights: [0, 0.5],
      gains: [-1, 1],
      series: [{ sequence: 0, weights: [0, 0] }],
    };
    expect(
      heardIn({ bridge: { guard: { 'a → b': report }, map: [1, 2] }, mutual: { 'b → a': report, phase: 3 } }),
    ).toEqual({
      'a → b': { buckets: ['0', '1-4'], weights: [0, 0.5] },
      'b → a': { buckets: ['0', '1-4'], weights: [0, 0.5] },
    });
    for (const nothing of [undefined, null, 3, { fusion: { weights: [1] } }]) expect(heardIn(nothing)).toEqual({});
  });
});
