/** Lengths below this count as this: a row of zeros stays one. */
const SHORTEST = 1e-6;

/** Raises the length of the first `count` rows of `dim` floats to a power: 0 makes it one, 1 leaves it. */
export function rescaleRows(values: Float32Array, count: number, dim: number, power: number): void {
  for (let k = 0; k < count; k++) {
    const row = values.subarray(k * dim, (k + 1) * dim);
    let square = 0;
    for (let d = 0; d < dim; d++) square += row[d] * row[d];
    const scale = Math.max(Math.sqrt(square), SHORTEST) ** (power - 1);
    for (let d = 0; d < dim; d++) row[d] *= scale;
  }
}
