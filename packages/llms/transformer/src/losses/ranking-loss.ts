import { softmaxRows } from '@tandem-rec/compute';

/** Logits of a step and what may be ranked. Columns are items; only the first `ranked` of them compete. */
export interface RankedLogits {
  readonly rows: number;
  readonly columns: number;
  readonly ranked: number;
  /** Column of each row's true item. */
  readonly targets: Int32Array;
  /** Columns that a row's user has met already, which do not compete: row b's are `met[metOffsets[b] … metOffsets[b + 1])`. */
  readonly metOffsets: Int32Array;
  readonly met: Int32Array;
  /** Subtracted from the logits of sampled negatives: the log of the probability that a column is among the candidates. */
  readonly logQ?: Float32Array;
}

/**
 * Mean cross-entropy of the true items under a softmax over the columns. `logits` (`rows × columns`) becomes the
 * gradient. With `logQ` it is the sampled softmax: each negative stands for 1/Q of its kind (Bengio and Senécal, 2008).
 */
export function rankingLoss(
  logits: Float32Array,
  { rows, columns, ranked, targets, metOffsets, met, logQ }: RankedLogits,
): number {
  const truths = new Float64Array(rows);
  for (let b = 0; b < rows; b++) {
    const start = b * columns;
    const target = start + targets[b];
    truths[b] = logits[target];
    if (logQ) for (let c = 0; c < ranked; c++) logits[start + c] -= logQ[c];
    for (let i = metOffsets[b]; i < metOffsets[b + 1]; i++) logits[start + met[i]] = -Infinity;
    logits.fill(-Infinity, start + ranked, start + columns);
    logits[target] = truths[b];
  }
  const logSums = new Float64Array(rows);
  softmaxRows(logits, rows, columns, 1, logits, logSums);
  let loss = 0;
  for (let b = 0; b < rows; b++) {
    loss += logSums[b] - truths[b];
    logits[b * columns + targets[b]] -= 1;
  }
  const share = 1 / rows;
  for (let i = 0; i < rows * columns; i++) logits[i] *= share;
  return loss / rows;
}
