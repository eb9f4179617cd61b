import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { patternFilterReference, patternGramReference, patternTimesReference } from './pattern-reference.ts';
import { patternFilter, patternGram, patternOf, patternTimes, transposed, type Pattern } from './pattern.ts';
import { SeededRng } from './seeded-rng.ts';

const COLUMNS = 23;
const rowsOf = fc.array(fc.array(fc.nat(COLUMNS - 1), { maxLength: 12 }), { maxLength: 15 });

function pattern(rows: readonly (readonly number[])[], arena: Arena): Pattern {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, r) => (offsets[r + 1] = offsets[r] + row.length));
  return patternOf(offsets, Int32Array.from(rows.flat()), COLUMNS, arena);
}

function random(arena: Arena, length: number): Float32Array {
  const rng = new SeededRng(7);
  const array = arena.float32(length);
  for (let i = 0; i < length; i++) array[i] = 0.1 + rng.next();
  return array;
}

describe.each(KERNEL_NAMES.flatMap((kernel) => [1, 2].map((threads) => ({ kernel, threads }))))(
  'patterns, $kernel on $threads threads',
  (options) => {
    it('agree with the reference', () => {
      const arena = new Arena(options);
      fc.assert(
        fc.property(rowsOf, rowsOf, fc.integer({ min: 1, max: 21 }), (met, asked, width) =>
          arena.scoped(() => {
            const X = pattern(met, arena);
            const XT = transposed(X, arena);
            const [G, expectedG] = [arena.float32(COLUMNS * 25).fill(3), new Float32Array(COLUMNS * 25).fill(3)];
            patternGram(arena, X, XT, { data: G, row: 25 });
            patternGramReference(arena, X, XT, { data: expectedG, row: 25 });
            expect(G).toEqual(expectedG);

            const M = { data: random(arena, COLUMNS * 30), row: 30, at: 2 };
            const [Y, expectedY] = [arena.float32(X.rows * width), new Float32Array(X.rows * width)];
            patternTimes(arena, X, M, width, Y);
            patternTimesReference(arena, X, M, width, expectedY);
            expect(Y).toEqual(expectedY);

            const H = pattern(asked, arena);
            const [a, b, c] = [random(arena, COLUMNS), random(arena, X.rows), random(arena, COLUMNS)];
            const [S, expectedS] = [
              arena.float32(H.rows * COLUMNS).fill(2),
              new Float32Array(H.rows * COLUMNS).fill(2),
            ];
            patternFilter(arena, H, X, XT, a, b, c, S);
            patternFilterReference(arena, H, X, XT, a, b, c, expectedS);
            for (let i = 0; i < S.length; i++) expect(S[i]).toBeCloseTo(expectedS[i], 4);
          }),
        ),
        { numRuns: 40 },
      );
      arena.close();
    });
  },
);

describe('a pattern', () => {
  it('has each one once, in order, and none beyond its columns; transposed twice it is itself', () => {
    const arena = new Arena();
    const X = pattern([[5, 2, 5, 0], [], [2, COLUMNS]], arena);
    expect([[...X.offsets], [...X.indices]]).toEqual([
      [0, 3, 3, 4],
      [0, 2, 5, 2],
    ]);
    const XT = transposed(X);
    expect([XT.rows, ...XT.indices]).toEqual([COLUMNS, 0, 0, 2, 0]);
    expect(transposed(XT)).toEqual({ ...X, offsets: Int32Array.from(X.offsets), indices: Int32Array.from(X.indices) });
  });
});
