import { SeededRng } from '@tandem-rec/compute';
import type { Matrix } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { TextAxes } from './text-axes.ts';

const [ROWS, FEATURES] = [80, 6];

/** Correlated features with means of their own. */
function texts(seed: number, rank = FEATURES): Matrix {
  const rng = new SeededRng(seed, 'texts');
  const mix = Array.from({ length: rank * FEATURES }, () => rng.normal());
  const data = new Float32Array(ROWS * FEATURES);
  for (let row = 0; row < ROWS; row++) {
    const hidden = Array.from({ length: rank }, (_, k) => rng.normal() / (k + 1));
    for (let f = 0; f < FEATURES; f++)
      data[row * FEATURES + f] = f + hidden.reduce((sum, h, k) => sum + h * mix[k * FEATURES + f], 0);
  }
  return { rows: ROWS, cols: FEATURES, data };
}

/** Principal components by power iteration with deflation, one axis at a time, in double precision. */
function reference({ data }: Matrix, axes: number, whiten: number): number[][] {
  const mean = Array.from({ length: FEATURES }, (_, f) => {
    let sum = 0;
    for (let row = 0; row < ROWS; row++) sum += data[row * FEATURES + f];
    return sum / ROWS;
  });
  const left = Array.from({ length: ROWS }, (_, row) => mean.map((m, f) => data[row * FEATURES + f] - m));
  const columns: number[][] = [];
  const doubt = left.flat().reduce((sum, x) => sum + x * x, 0) / ROWS ** 2;
  for (let axis = 0; axis < axes; axis++) {
    let u = Array.from({ length: FEATURES }, (_, f) => 1 + f / 10);
    for (let step = 0; step < 3000; step++) {
      const z = left.map((row) => row.reduce((sum, x, f) => sum + x * u[f], 0));
      const next = u.map((_, f) => left.reduce((sum, row, r) => sum + row[f] * z[r], 0));
      const norm = Math.hypot(...next);
      u = next.map((x) => x / norm);
    }
    const z = left.map((row) => row.reduce((sum, x, f) => sum + x * u[f], 0));
    const deviation = Math.sqrt(z.reduce((sum, x) => sum + x * x, 0) / ROWS);
    columns.push(z.map((x) => x * (deviation ** 2 + doubt) ** (-whiten / 2)));
    left.forEach((row, r) => u.forEach((x, f) => (row[f] -= z[r] * x)));
  }
  return columns;
}

describe('TextAxes', () => {
  it.each([0, 0.5, 1])(
    'are the principal components of the texts, divided by their deviation to the power of %d',
    (whiten) => {
      const vectors = texts(1);
      const axes = new TextAxes();
      axes.fit(vectors, { axes: 3, whiten, scale: 0.05 });
      const got = axes.project(vectors);
      const expected = reference(vectors, 3, whiten);
      const scale = 0.05 / Math.sqrt(expected.flat().reduce((sum, x) => sum + x * x, 0) / (3 * ROWS));
      expected.forEach((column, j) => {
        const sign = Math.sign(column[0] * got[j]);
        column.forEach((x, row) => expect(got[row * 3 + j]).toBeCloseTo(sign * scale * x, 5));
      });
    },
  );

  it('places texts that it was not fitted on by the same map', () => {
    const vectors = texts(2);
    const axes = new TextAxes();
    axes.fit(vectors, { axes: 4, whiten: 1, scale: 1 });
    const some = { rows: 2, cols: FEATURES, data: vectors.data.slice(5 * FEATURES, 7 * FEATURES) };
    expect([...axes.project(some)]).toEqual([...axes.project(vectors).subarray(5 * 4, 7 * 4)]);
  });

  it('has no more axes than the texts have directions', () => {
    for (const rank of [0, 2]) {
      const axes = new TextAxes();
      axes.fit(texts(3, rank), { axes: 5, whiten: 1, scale: 1 });
      expect(axes.count).toBe(rank);
      expect(axes.project(texts(3, rank)).every(Number.isFinite)).toBe(true);
    }
  });

  it('comes back from its state', () => {
    const [axes, loaded] = [new TextAxes(), new TextAxes()];
    axes.fit(texts(4), { axes: 3, whiten: 1, scale: 1 });
    loaded.load(structuredClone(axes.save()));
    expect(loaded.project(texts(5))).toEqual(axes.project(texts(5)));
    expect(() => loaded.load({ version: 1, arrays: [], values: {} })).toThrow(
      expect.objectContaining({ code: 'TANDEM_STATE_MISMATCH' }),
    );
  });
});
