import type { Matrix } from '@tandem-rec/contract';
import { sgemm } from './sgemm.ts';
import { symmetricEigen, type Eigen } from './symmetric-eigen.ts';

/** Where vectors lie and in which directions they differ: the eigenvalues and -vectors of their scatter. */
export interface PrincipalAxes extends Eigen {
  readonly mean: Float32Array;
}

/**
 * Principal component analysis: with V (n × f) centred, `weight · VᵀV = U diag(values) Uᵀ`. Weight 1 / n makes the values
 * variances; 1, the default, squared singular values.
 */
export function principalAxes(vectors: Matrix, weight = 1): PrincipalAxes {
  const { rows, cols, data } = vectors;
  const sums = new Float64Array(cols);
  for (let i = 0; i < rows * cols; i++) sums[i % cols] += data[i];
  const mean = Float32Array.from(sums, (sum) => sum / rows);
  const V = centred(vectors, mean);
  const scatter = new Float32Array(cols * cols);
  sgemm({ transA: true }, cols, cols, rows, weight, V, V, 0, scatter);
  return { mean, ...symmetricEigen(Float64Array.from(scatter), cols) };
}

/** Coordinates `(v − mean) · axes` of vectors, `rows × k`, for axes `cols × k`. */
export function coordinates(vectors: Matrix, mean: Float32Array, axes: Float32Array): Float32Array {
  const { rows, cols } = vectors;
  const k = axes.length / cols;
  const into = new Float32Array(rows * k);
  if (into.length > 0) sgemm({}, rows, k, cols, 1, centred(vectors, mean), axes, 0, into);
  return into;
}

function centred({ rows, cols, data }: Matrix, mean: Float32Array): Float32Array {
  const V = new Float32Array(rows * cols);
  for (let i = 0; i < V.length; i++) V[i] = data[i] - mean[i % cols];
  return V;
}
