import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Arena } from './arena.ts';
import { repeatRow } from './ranking-kernel.ts';
import { countAbove, rankOf, rankRows, topK } from './top-k.ts';

// Few different values, so that ties are common.
const score = fc.constantFrom(-Infinity, -1, 0, 0.5, 1, 2, 3, NaN);
const problem = fc
  .array(score, { minLength: 1, maxLength: 40 })
  .chain((scores) =>
    fc.tuple(fc.constant(scores), fc.array(fc.nat(scores.length + 2)), fc.nat(12), fc.nat(scores.length - 1)),
  );

const arena = new Arena();

/** Anywhere, or where kernels read in place. */
const places: readonly (readonly [string, (scores: readonly number[]) => Float32Array])[] = [
  ['an array', (scores) => Float32Array.from(scores)],
  [
    'an arena',
    (scores) => {
      const placed = arena.float32(scores.length);
      placed.set(scores);
      return placed;
    },
  ],
];

describe.each(places)('topK of %s', (_place, place) => {
  function run(scores: readonly number[], k: number, masked: readonly number[], offset = 3): [number, number][] {
    const [rows, values] = [new Int32Array(k), new Float32Array(k)];
    const given = [...Array<number>(offset).fill(99), ...scores, 99];
    const padded = place(given);
    const count = topK(padded, offset, scores.length, k, Int32Array.from(masked), rows, values);
    expect([...padded]).toEqual(given);
    return [...rows.subarray(0, count)].map((row, i) => [row, values[i]]);
  }

  it('is sorting, masking and cutting', () => {
    fc.assert(
      fc.property(problem, ([scores, masked, k]) => {
        const expected = scores
          .map((value, row): [number, number] => [row, value])
          .filter(([row, value]) => value > -Infinity && !masked.includes(row))
          .sort(([rowA, a], [rowB, b]) => b - a || rowA - rowB)
          .slice(0, k);
        expect(run(scores, k, masked)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('has room for any k', () => {
    const scores = Array.from({ length: 30_000 }, (_, i) => (i * 7919) % 30_011);
    const sorted = scores.toSorted((a, b) => b - a).slice(1, 20_000);
    const masked = [scores.indexOf(Math.max(...scores)), -1, 40_000];
    expect(run(scores, 19_999, masked).map(([, value]) => value)).toEqual(sorted);
  });

  it('lets all rows be as the first one', () => {
    for (const rows of [0, 1, 2, 5]) {
      const scores = place([1, 2, 3, ...Array<number>(12).fill(0), 9]);
      repeatRow(scores, 3, rows);
      expect([...scores.subarray(0, 3 * rows)]).toEqual(Array.from({ length: rows }, () => [1, 2, 3]).flat());
      expect([...scores.subarray(3 * Math.max(1, rows))]).toEqual([
        ...Array<number>(12 - 3 * Math.max(0, rows - 1)).fill(0),
        9,
      ]);
    }
    expect(() => repeatRow(place([1, 2]), 1, 3)).toThrow(RangeError);
  });

  it('counts what is above and what is equal', () => {
    fc.assert(
      fc.property(fc.array(score, { maxLength: 40 }), fc.array(score, { maxLength: 11 }), (scores, numbers) => {
        const { length } = numbers;
        const [above, equal] = [new Int32Array(length), new Int32Array(length)];
        countAbove(place([9, ...scores, 9]), 1, scores.length, Float32Array.from(numbers), length, above, equal);
        expect([...above]).toEqual(numbers.map((number) => scores.filter((s) => s > number).length));
        expect([...equal]).toEqual(numbers.map((number) => scores.filter((s) => s === number).length));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses too little room', () => {
    expect(() => topK(new Float32Array(5), 1, 5, 1, undefined, new Int32Array(1), new Float32Array(1))).toThrow(
      RangeError,
    );
    expect(() => topK(new Float32Array(5), 0, 5, 2, undefined, new Int32Array(1), new Float32Array(2))).toThrow(
      RangeError,
    );
  });
});

describe('rankOf', () => {
  it('counts greater scores and half of the ties among what is not masked', () => {
    fc.assert(
      fc.property(problem, ([scores, masked, , target]) => {
        const others = scores.filter((_, row) => row !== target && !masked.includes(row));
        const own = scores[target];
        const expected = Number.isNaN(own)
          ? others.length
          : others.filter((s) => s > own).length + Math.floor(others.filter((s) => s === own).length / 2);
        const padded = Float32Array.of(99, ...scores, 99);
        expect(rankOf(padded, 1, scores.length, target, Int32Array.from(masked))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('rewards neither a constant score nor a diverged model', () => {
    expect(rankOf(new Float32Array(101), 0, 101, 5, undefined)).toBe(50);
    expect(rankOf(new Float32Array(101).fill(NaN), 0, 101, 5, undefined)).toBe(100);
  });
});

describe('rankRows', () => {
  it('is rankOf of every row', () => {
    const rows = fc.nat(30).chain((more) =>
      fc.array(fc.tuple(fc.array(score, { minLength: more + 1, maxLength: more + 1 }), fc.nat(more)), {
        minLength: 1,
        maxLength: 6,
      }),
    );
    fc.assert(
      fc.property(rows, (given) => {
        const cols = given[0][0].length;
        const scores = Float32Array.from(given.flatMap(([row]) => row));
        const targets = Int32Array.from(given, ([, target]) => target);
        const ranks = new Int32Array(given.length);
        rankRows(scores, given.length, cols, targets, ranks);
        expect([...ranks]).toEqual(given.map((_, row) => rankOf(scores, row * cols, cols, targets[row], undefined)));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses targets that are not there, and too little room', () => {
    expect(() => rankRows(new Float32Array(8), 2, 4, Int32Array.of(0, 4), new Int32Array(2))).toThrow(RangeError);
    expect(() => rankRows(new Float32Array(8), 2, 4, Int32Array.of(0, -1), new Int32Array(2))).toThrow(RangeError);
    expect(() => rankRows(new Float32Array(7), 2, 4, Int32Array.of(0, 1), new Int32Array(2))).toThrow(RangeError);
  });
});
