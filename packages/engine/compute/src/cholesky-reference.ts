/**
 * Cholesky's factor of a symmetric positive definite matrix (`n × n`, row-major) by its definition, in double precision:
 * L with zeros above its diagonal; what the kernels are tested against. Throws RangeError where there is none.
 */
export function choleskyFactorReference(matrix: ArrayLike<number>, n: number): Float64Array {
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
export function choleskySolveReference(
  L: Float64Array,
  n: number,
  right: ArrayLike<number>,
  columns: number,
): Float64Array {
  const X = Float64Array.from(right);
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) X[i * columns + c] -= L[i * n + k] * X[k * columns + c];
      X[i * columns + c] /= L[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) X[i * columns + c] -= L[k * n + i] * X[k * columns + c];
      X[i * columns + c] /= L[i * n + i];
    }
  }
  return X;
}
