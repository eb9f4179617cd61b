import { SeededRng } from './seeded-rng.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lengthBuckets } from './length-buckets.ts';

it('groups every sequence that is not empty once, with little padding', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 400 }), fc.integer(), (sizes, seed) => {
      const lengths = Int32Array.from(sizes);
      const groups = lengthBuckets(lengths, 200, new SeededRng(seed));
      const all = groups.flatMap((group) => [...group]).sort((a, b) => a - b);
      expect(all).toEqual([...lengths.keys()].filter((i) => lengths[i] > 0));
      for (const group of groups) {
        const own = [...group].map((i) => lengths[i]);
        expect(own.slice(0, -1).reduce((sum, length) => sum + length, 0)).toBeLessThan(200);
      }
    }),
  );
  const lengths = Int32Array.from({ length: 5000 }, (_, i) => 1 + (i % 50));
  const padded = lengthBuckets(lengths, 1024, new SeededRng(1)).reduce(
    (sum, group) => sum + group.length * Math.max(...[...group].map((i) => lengths[i])),
    0,
  );
  expect(padded / lengths.reduce((sum, length) => sum + length)).toBeLessThan(1.15);
});
