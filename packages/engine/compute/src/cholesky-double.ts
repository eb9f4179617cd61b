/**
 * Cholesky's factor of a symmetric positive definite matrix (`n × n`, row-major) by its definition, in double precision:
 * L with zeros above its diagonal. For small systems; also what the kernels are tested against. Throws RangeError where
 * there is none.
 */
export function choleskyFactorDouble(matrix: ArrayLike<number>, n: number): Float64Array {
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= L[i * n + k] * L[j * n + k];
      if (i === j && !(sum > 0)) throw new RangeError(`No positive pivot in row ${i}.`);
      L[i * n + j] = i === j ? Math.sqrt(sum) : sum / L[j * n + j];
    }
  return L;
}

/** Solves L Lᵀ X = B; `right` is `n × columns`. */
export function choleskySolveDouble(
  L: Float64Array,
  n: number,
  right: ArrayLike<number>,
  columns: number,
): Float64Array {
  const X = Float64Array.from(right);
  const take = (factor: number, from: number, to: number): void => {
    for (let c = 0; c < columns; c++) X[to * columns + c] -= factor * X[from * columns + c];
  };
  const divide = (row: number, by: number): void => {
    for (let c = 0; c < columns; c++) X[row * columns + c] /= by;
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) take(L[i * n + k], k, i);
    divide(i, L[i * n + i]);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) take(L[k * n + i], k, i);
    divide(i, L[i * n + i]);
  }
  return X;
}
