/** Shorter rows stay short: a row of zeros is a row of zeros. */
const SHORTEST = 1e-6;

/** Scales `count` rows to length one. */
export function normaliseRows(values: Float32Array, count: number, dim: number): void {
  for (let k = 0; k < count; k++) {
    const row = values.subarray(k * dim, (k + 1) * dim);
    let square = 0;
    for (let d = 0; d < dim; d++) square += row[d] * row[d];
    const inverse = 1 / Math.max(Math.sqrt(square), SHORTEST);
    for (let d = 0; d < dim; d++) row[d] *= inverse;
  }
}
