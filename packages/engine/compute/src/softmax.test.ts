import { describe, expect, it } from 'vitest';
import { SeededRng } from './seeded-rng.ts';
import { softmaxRows } from './softmax.ts';

/** The definition, in double precision. */
function reference(
  scores: Float32Array,
  temperature: number,
): { readonly shares: readonly number[]; readonly logSum: number } {
  const highest = Math.max(...scores);
  const e = Array.from(scores, (score) => Math.exp((score - highest) / temperature));
  const sum = e.reduce((total, one) => total + one, 0);
  return { shares: e.map((one) => one / sum), logSum: highest / temperature + Math.log(sum) };
}

describe('softmaxRows', () => {
  it.each([1, 3, 4, 7, 1000])('is the softmax of rows of %i, to single precision', (cols) => {
    const rng = new SeededRng(1, 'softmax');
    const rows = 5;
    for (const [spread, temperature] of [
      [1, 1],
      [20, 1],
      [60, 3],
    ] as const) {
      const scores = Float32Array.from({ length: rows * cols }, () => spread * rng.normal());
      const shares = new Float32Array(rows * cols);
      const logSums = new Float64Array(rows);
      softmaxRows(scores, rows, cols, temperature, shares, logSums);
      for (let row = 0; row < rows; row++) {
        const wanted = reference(scores.subarray(row * cols, (row + 1) * cols), temperature);
        expect(logSums[row]).toBeCloseTo(wanted.logSum, 4);
        for (const [i, share] of wanted.shares.entries()) {
          const got = shares[row * cols + i];
          expect(Math.abs(got - share)).toBeLessThanOrEqual(2e-5 * share + 1e-37);
        }
      }
    }
  });

  it('gives nothing to what cannot be, and zeros where nothing can', () => {
    const scores = Float32Array.of(
      -Infinity,
      0,
      0,
      -Infinity,
      0,
      -Infinity,
      -Infinity,
      -Infinity,
      -Infinity,
      -Infinity,
    );
    const logSums = new Float64Array(2);
    softmaxRows(scores, 2, 5, 1, scores, logSums);
    expect([...scores.subarray(0, 3), ...scores.subarray(5)]).toEqual([
      0,
      Math.fround(1 / 3),
      Math.fround(1 / 3),
      0,
      0,
      0,
      0,
      0,
    ]);
    expect([...logSums]).toEqual([expect.closeTo(Math.log(3), 12), -Infinity]);
  });

  it('gives a row the same bits whatever stands beside it', () => {
    const rng = new SeededRng(2, 'softmax');
    const scores = Float32Array.from({ length: 6 * 33 }, () => 5 * rng.normal());
    const [all, one] = [new Float32Array(6 * 33), new Float32Array(33)];
    softmaxRows(scores, 6, 33, 1, all, new Float64Array(6));
    softmaxRows(scores.subarray(4 * 33), 1, 33, 1, one, new Float64Array(1));
    expect(one).toEqual(all.subarray(4 * 33, 5 * 33));
  });

  it('refuses arrays that are too short', () => {
    expect(() => softmaxRows(new Float32Array(3), 1, 4, 1, undefined, new Float64Array(1))).toThrow(RangeError);
    expect(() => softmaxRows(new Float32Array(4), 1, 4, 1, new Float32Array(3), new Float64Array(1))).toThrow(
      RangeError,
    );
  });
});
