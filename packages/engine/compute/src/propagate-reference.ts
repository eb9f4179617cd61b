import type { Propagation, SparseRows } from './propagate.ts';

/** `propagate` in plain TypeScript, on arrays that lie anywhere. */
export function propagateReference(
  { offsets, columns, values }: SparseRows,
  { X, dim, alpha = 1, beta = 0, Y, B = Y }: Propagation,
): void {
  for (let row = 0; row + 1 < offsets.length; row++)
    for (let d = 0; d < dim; d++) {
      let sum = 0;
      for (let e = offsets[row]; e < offsets[row + 1]; e++) sum += values[e] * X[columns[e] * dim + d];
      const at = row * dim + d;
      Y[at] = alpha * sum + (beta === 0 ? 0 : beta * B[at]);
    }
}
