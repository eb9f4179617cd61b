import { softmaxRows } from '@tandem-rec/compute';
import type { PredictionLesson } from '@tandem-rec/contract';

/** Candidates of a lesson as columns of the logits: one list for all rows, or row b's from `offsets[b]` to `offsets[b + 1]`. */
export interface LessonColumns {
  readonly columns: Int32Array;
  readonly offsets?: Int32Array;
}

/**
 * Distillation: `Σ_b weight_b · T² · KL(target_b ‖ softmax(logits_b / T)) / rows` (Hinton, Vinyals and Dean, 2015). Adds its
 * gradient to `gradient` (`rows × width`, as `logits`). Where the teacher gives nothing to an item the user has met
 * (`isMet`), the item is left out: what cannot be recommended needs no teaching.
 */
export function distillationLoss(
  lesson: PredictionLesson,
  { columns, offsets }: LessonColumns,
  logits: Float32Array,
  rows: number,
  width: number,
  isMet: (row: number, column: number) => boolean,
  gradient: Float32Array,
): number {
  const { target, temperature, weight } = lesson;
  const own = new Float32Array(columns.length);
  const shares = new Float32Array(columns.length);
  const logSum = new Float64Array(1);
  let loss = 0;
  for (let b = 0; b < rows; b++) {
    if (weight[b] === 0) continue;
    const from = offsets ? offsets[b] : 0;
    const length = (offsets ? offsets[b + 1] : columns.length) - from;
    const taught = offsets ? from : b * columns.length;
    for (let i = 0; i < length; i++) {
      const column = columns[from + i];
      own[i] = target[taught + i] === 0 && isMet(b, column) ? -Infinity : logits[b * width + column];
    }
    softmaxRows(own, 1, length, temperature, shares, logSum);
    const factor = (weight[b] * temperature) / rows;
    let divergence = 0;
    for (let i = 0; i < length; i++) {
      const p = target[taught + i];
      if (p > 0) divergence += p * (Math.log(p) - own[i] / temperature + logSum[0]);
      gradient[b * width + columns[from + i]] += factor * (shares[i] - p);
    }
    loss += factor * temperature * divergence;
  }
  return loss;
}
