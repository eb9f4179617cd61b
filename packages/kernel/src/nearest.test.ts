import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['dmi', 'dim', 1],
    ['flaw', 'lawn', 2],
  ])('of %s and %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is symmetric, zero for equal words only, and no more than the longer word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('nearest', () => {
  it('suggests what was probably meant, and nothing far-fetched', () => {
    expect(nearest('learningrate', ['learningRate', 'dim'])).toBe('learningRate');
    expect(nearest('evnts', ['timeoutMs', 'events'])).toBe('events');
    expect(nearest('colour', ['dim', 'loss'])).toBeUndefined();
    expect(nearest('x', ['y'])).toBeUndefined();
  });
});
