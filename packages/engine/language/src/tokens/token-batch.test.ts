import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketByLength, tokenBatch } from './token-batch.ts';

describe('tokenBatch', () => {
  it('fills up on the right', () => {
    expect(tokenBatch([[1, 2, 3], [], [4]], 9)).toEqual({
      size: 3,
      length: 3,
      ids: Int32Array.of(1, 2, 3, 9, 9, 9, 4, 9, 9),
      lengths: Int32Array.of(3, 0, 1),
    });
    expect(tokenBatch([]).length).toBe(1);
  });
});

describe('bucketByLength', () => {
  it('puts every text into one bucket, within the limit, sorted', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 })), fc.integer({ min: 1, max: 100 }), (lengths, most) => {
        const buckets = bucketByLength(lengths, most);
        const all = buckets.flat();
        expect([...all].sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
        for (const bucket of buckets)
          expect(bucket.length === 1 || bucket.length * Math.max(...bucket.map((i) => lengths[i])) <= most).toBe(true);
        for (let i = 1; i < all.length; i++) expect(lengths[all[i - 1]]).toBeLessThanOrEqual(lengths[all[i]]);
      }),
    );
  });
});
