import type { AlsRows } from './als.ts';

/** The plain definition of `solveAlsRows` in double precision: Gaussian elimination of the normal equations. */
export function solveAlsRowsReference({ dim, offsets, items, other, gram, ridges, rows, losses }: AlsRows): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    const met = items.subarray(offsets[row], offsets[row + 1]);
    const h = Array.from(met, (item) => Float64Array.from(other.subarray(item * dim, (item + 1) * dim)));
    const b = new Float64Array(dim);
    const A = Array.from({ length: dim }, (_, i) => {
      const line = Float64Array.from(gram.subarray(i * dim, (i + 1) * dim));
      line[i] += ridges[row];
      return line;
    });
    for (const vector of h)
      for (let i = 0; i < dim; i++) {
        b[i] += vector[i];
        for (let j = 0; j < dim; j++) A[i][j] += vector[i] * vector[j];
      }
    const x = met.length === 0 ? new Float64Array(dim) : eliminate(A, b);
    rows.set(x, row * dim);
    losses[row] = met.length - x.reduce((sum, value, i) => sum + value * b[i], 0);
  }
}

function eliminate(matrix: readonly Float64Array[], b: Float64Array): Float64Array {
  const A = matrix.map((line) => line.slice());
  const x = b.slice();
  for (let k = 0; k < x.length; k++)
    for (let i = k + 1; i < x.length; i++) {
      const factor = A[i][k] / A[k][k];
      for (let j = k; j < x.length; j++) A[i][j] -= factor * A[k][j];
      x[i] -= factor * x[k];
    }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = i + 1; j < x.length; j++) x[i] -= A[i][j] * x[j];
    x[i] /= A[i][i];
  }
  return x;
}
