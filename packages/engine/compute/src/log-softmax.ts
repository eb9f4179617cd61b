/**
 * Log-softmax of each of `rows` rows of `cols` scores at a temperature, written to `into` (which may be `scores`).
 * A score of −∞ stays −∞; a row of nothing else becomes all −∞.
 */
export function logSoftmaxRows(
  scores: Float32Array,
  rows: number,
  cols: number,
  temperature: number,
  into: Float32Array,
): void {
  const scale = 1 / temperature;
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const end = start + cols;
    let highest = -Infinity;
    for (let i = start; i < end; i++) if (scores[i] > highest) highest = scores[i];
    if (highest === -Infinity) {
      into.fill(-Infinity, start, end);
      continue;
    }
    let sum = 0;
    for (let i = start; i < end; i++) sum += Math.exp((scores[i] - highest) * scale);
    const shift = highest * scale + Math.log(sum);
    for (let i = start; i < end; i++) into[i] = scores[i] * scale - shift;
  }
}
