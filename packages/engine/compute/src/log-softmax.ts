import { softmaxRows } from './softmax.ts';

let logSums = new Float64Array(256);

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
  if (logSums.length < rows) logSums = new Float64Array(rows * 2);
  softmaxRows(scores, rows, cols, temperature, undefined, logSums);
  const scale = 1 / temperature;
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * cols;
    const shift = logSums[row];
    if (shift === -Infinity) into.fill(-Infinity, row * cols, end);
    else for (let i = row * cols; i < end; i++) into[i] = scores[i] * scale - shift;
  }
}
