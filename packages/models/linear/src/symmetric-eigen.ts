const SWEEPS = 30;

/**
 * Eigenvalues, descending, and eigenvectors (the columns of `vectors`, n × n row-major) of a symmetric matrix, by cyclic
 * Jacobi rotations (Golub and Van Loan, section 8.5). `A` is overwritten.
 *
 * @param tolerance what may be left beside the diagonal, in Frobenius norm, as a share of the matrix
 */
export function symmetricEigen(
  A: Float64Array,
  n: number,
  tolerance = 1e-10,
): { readonly values: Float64Array; readonly vectors: Float64Array } {
  // Row j is eigenvector j until the end, so that a rotation runs along rows.
  const V = new Float64Array(n * n);
  for (let i = 0; i < n; i++) V[i * n + i] = 1;
  let total = 0;
  for (const value of A) total += value * value;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += A[p * n + q] ** 2;
    if (off <= tolerance * tolerance * total) break;
    // Small elements wait for a later sweep, or for ever.
    const least = Math.max(sweep < 3 ? 0.2 * off : 0, 0.1 * tolerance * tolerance * total) / (n * n);
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const element = A[p * n + q];
        if (element === 0 || element * element < least) continue;
        const theta = (A[q * n + q] - A[p * n + p]) / (2 * element);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        const [pp, qq] = [A[p * n + p] - t * element, A[q * n + q] + t * element];
        rotate(A, p * n, q * n, n, c, s);
        for (let i = 0; i < n; i++) {
          A[i * n + p] = A[p * n + i];
          A[i * n + q] = A[q * n + i];
        }
        A[p * n + p] = pp;
        A[q * n + q] = qq;
        A[p * n + q] = A[q * n + p] = 0;
        rotate(V, p * n, q * n, n, c, s);
      }
  }
  const order = Array.from({ length: n }, (_, j) => j).sort((a, b) => A[b * n + b] - A[a * n + a]);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) vectors[i * n + j] = V[order[j] * n + i];
  return { values: Float64Array.from(order, (j) => A[j * n + j]), vectors };
}

function rotate(M: Float64Array, p: number, q: number, n: number, c: number, s: number): void {
  for (let i = 0; i < n; i++) {
    const x = M[p + i];
    const y = M[q + i];
    M[p + i] = c * x - s * y;
    M[q + i] = s * x + c * y;
  }
}
