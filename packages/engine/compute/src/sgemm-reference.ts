import { checkSgemm, type Sgemm } from './sgemm.ts';

/** The plain definition of the matrix product, summed in double precision; what the kernels are tested against. */
export const sgemmReference: Sgemm = ({ transA = false, transB = false }, m, n, k, alpha, A, B, beta, C) => {
  checkSgemm(m, n, k, A, B, C);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += A[transA ? p * m + i : i * k + p] * B[transB ? j * k + p : p * n + j];
      C[i * n + j] = beta === 0 ? alpha * sum : alpha * sum + beta * C[i * n + j];
    }
  }
};
