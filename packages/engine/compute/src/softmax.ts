import { placeScores, rowKernel } from './row-kernel.ts';

/**
 * `into = softmax(scores / temperature)` of each of `rows` rows of `cols` scores; `into` may be `scores`, or left out where
 * only the sums are wanted. A score of −∞ gets 0; a row of nothing else becomes zeros. `logSums[row]` becomes
 * log Σ exp(scores / temperature), −∞ for such a row. In single precision, sums in double; the bits of a row do not depend
 * on the others.
 */
export function softmaxRows(
  scores: Float32Array,
  rows: number,
  cols: number,
  temperature: number,
  into: Float32Array | undefined,
  logSums: Float64Array,
): void {
  const length = rows * cols;
  if (scores.length < length || logSums.length < rows || (into !== undefined && into.length < length))
    throw new RangeError(
      `softmaxRows of ${rows} × ${cols}: ${scores.length} scores, room for ${logSums.length} sums and ${into?.length} values.`,
    );
  const { floats, doubles, about, x } = placeScores(scores, rows, cols);
  const scale = Math.fround(1 / temperature);
  rowKernel.softmaxRows(x, rows, cols, scale, about);
  for (let row = 0, at = about / 8; row < rows; row++, at += 2)
    logSums[row] = doubles[at] * scale + Math.log(doubles[at + 1]);
  into?.set(floats.subarray(x / 4, x / 4 + length));
}
