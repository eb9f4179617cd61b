import type { Opinions } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { LogarithmicPool } from './logarithmic-pool.ts';
import { WeightedFusion } from './weighted-fusion.ts';

const never = -Infinity;
const EXPERTS = [
  { name: 'fism', role: 'domain' },
  { name: 'words', role: 'language' },
] as const;

const said: Opinions = {
  users: {
    size: 2,
    users: new Int32Array(2),
    positions: new Int32Array(2),
    atMs: new Float64Array(2),
    history: { offsets: new Int32Array(3), items: new Int32Array(0) },
  },
  items: Int32Array.of(4, 9, 2),
  experts: [
    { ...EXPERTS[0], scores: Float32Array.of(0, 0, never, 2, 2, 2) },
    { ...EXPERTS[1], scores: Float32Array.of(Math.log(3), 0, never, never, 0, 0) },
  ],
};

function fused(weights?: Readonly<Record<string, number>>): readonly number[] {
  const mix = new WeightedFusion(weights, 'mix', new LogarithmicPool());
  mix.attach(EXPERTS);
  return [...mix.fuse(said)];
}

describe('mix', () => {
  it('is the mean of the experts’ log-softmax by default', () => {
    const expected = [
      (Math.log(1 / 2) + Math.log(3 / 4)) / 2,
      (Math.log(1 / 2) + Math.log(1 / 4)) / 2,
      never,
      (Math.log(1 / 3) - 30) / 2,
      (Math.log(1 / 3) + Math.log(1 / 2)) / 2,
      (Math.log(1 / 3) + Math.log(1 / 2)) / 2,
    ];
    expect(fused()).toEqual(expected.map((value) => (value === never ? never : expect.closeTo(value, 5))));
  });

  it('leaves out whom the weights do not name', () => {
    expect(fused({ words: 2 })[0]).toBeCloseTo(2 * Math.log(3 / 4), 5);
  });

  it('refuses a weight for somebody who is not at the table', () => {
    expect(() => fused({ fism: 1, transfomer: 1 })).toThrow(
      /mix: weights for transfomer; allowed are the participants fism, words/,
    );
  });
});
