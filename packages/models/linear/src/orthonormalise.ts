import { arenaSgemm, type Arena } from '@tandem-rec/compute';

/** Below this share of a column's square, what is left of it is rounding. */
const RESIDUE = 1e-6;

/**
 * Z (rows × l) = Q Lᵀ with orthonormal columns of Q: into `Q`, by the Cholesky factor L of ZᵀZ. Columns that depend on
 * those before them become zeros.
 */
export function orthonormalise(arena: Arena, Z: Float32Array, rows: number, l: number, Q: Float32Array): void {
  arena.scoped(() => {
    const gram = arena.float32(l * l);
    arenaSgemm(arena, { transA: true }, l, l, rows, 1, { data: Z, row: l }, { data: Z, row: l }, 0, {
      data: gram,
      row: l,
    });
    const inverse = arena.float32(l * l);
    inverse.set(inverseTransposed(gram, l));
    arenaSgemm(arena, {}, rows, l, l, 1, { data: Z, row: l }, { data: inverse, row: l }, 0, { data: Q, row: l });
  });
}

/** L⁻ᵀ, upper triangular; a column without a pivot is zeros. */
function inverseTransposed(gram: Float32Array, l: number): Float64Array {
  const L = new Float64Array(l * l);
  const inverse = new Float64Array(l * l);
  for (let i = 0; i < l; i++) {
    for (let j = 0; j <= i; j++) {
      let sum: number = gram[i * l + j];
      for (let p = 0; p < j; p++) sum -= L[i * l + p] * L[j * l + p];
      if (j < i) L[i * l + j] = L[j * l + j] === 0 ? 0 : sum / L[j * l + j];
      else L[i * l + i] = sum > RESIDUE * gram[i * l + i] ? Math.sqrt(sum) : 0;
    }
    if (L[i * l + i] === 0) continue;
    // Row i of L⁻¹ goes to column i.
    inverse[i * l + i] = 1 / L[i * l + i];
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let p = j; p < i; p++) sum -= L[i * l + p] * inverse[j * l + p];
      inverse[j * l + i] = sum / L[i * l + i];
    }
  }
  return inverse;
}
