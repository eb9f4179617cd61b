import { exp32 } from '../exp32.ts';

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
export function rankingLoss(logits: Float32Array, { rows, columns, ranked, targets, metOffsets, met, logQ }: RankedLogits): number {
  let loss = 0;
  for (let b = 0; b < rows; b++) {
    const start = b * columns;
    const target = start + targets[b];
    const truth = logits[target];
    if (logQ) for (let c = 0; c < ranked; c++) logits[start + c] -= logQ[c];
    for (let i = metOffsets[b]; i < metOffsets[b + 1]; i++) logits[start + met[i]] = -Infinity;
    logits[target] = truth;
    let max = -Infinity;
    for (let i = start; i < start + ranked; i++) if (logits[i] > max) max = logits[i];
    let sum = 0;
    for (let i = start; i < start + ranked; i++) sum += logits[i] = exp32(logits[i] - max);
    loss += Math.log(sum) + max - truth;
    const scale = 1 / (sum * rows);
    for (let i = start; i < start + ranked; i++) logits[i] *= scale;
    logits.fill(0, start + ranked, start + columns);
    logits[target] -= 1 / rows;
  }
  return loss / rows;
}
