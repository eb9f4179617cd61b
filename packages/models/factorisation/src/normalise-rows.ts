/** Shorter rows stay short: a row of zeros is a row of zeros. */
const SHORTEST = 1e-6;

/** Scales `count` rows to their length to the power of `lengths`: 0 to length one, 1 not at all. */
export function normaliseRows(values: Float32Array, count: number, dim: number, lengths = 0): void {
  for (let k = 0; k < count; k++) {
    const row = values.subarray(k * dim, (k + 1) * dim);
    let square = 0;
    for (let d = 0; d < dim; d++) square += row[d] * row[d];
    const scale = Math.max(Math.sqrt(square), SHORTEST) ** (lengths - 1);
    for (let d = 0; d < dim; d++) row[d] *= scale;
  }
}
