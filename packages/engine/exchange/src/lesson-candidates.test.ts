import { SeededRng } from '@tandem-rec/compute';
import type { Batch } from '@tandem-rec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lessonCandidates } from './lesson-candidates.ts';

const batchOf = (items: readonly number[]): Batch => ({ items: Int32Array.from(items) }) as Batch;

describe('lessonCandidates', () => {
  it('are the whole catalogue while it is small', () => {
    expect([...lessonCandidates(batchOf([2]), 5, 5, new SeededRng(1, 'r'))]).toEqual([0, 1, 2, 3, 4]);
  });

  it('are the items of the batch and others, distinct and ascending, where it is not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(199), { maxLength: 60 }),
        fc.integer({ min: 2, max: 100 }),
        fc.integer(),
        (items, limit, seed) => {
          const candidates = [...lessonCandidates(batchOf(items), 200, limit, new SeededRng(seed, 'r'))];
          const distinct = new Set(items);
          expect(candidates).toEqual([...new Set(candidates)].toSorted((a, b) => a - b));
          expect(candidates).toHaveLength(Math.max(limit, distinct.size));
          for (const item of distinct) expect(candidates).toContain(item);
          expect(candidates.every((item) => item >= 0 && item < 200)).toBe(true);
        },
      ),
    );
  });

  it('gives every other item the same chance', () => {
    const rng = new SeededRng(1, 'r');
    const drawn = new Float64Array(20);
    for (let k = 0; k < 4000; k++) for (const item of lessonCandidates(batchOf([7]), 20, 5, rng)) drawn[item]++;
    expect(drawn[7]).toBe(4000);
    drawn.forEach((count, item) => item !== 7 && expect(Math.abs(count - (4000 * 4) / 19)).toBeLessThan(120));
  });
});
