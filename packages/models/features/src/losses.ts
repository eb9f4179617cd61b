import { logSoftmaxRows } from '@tandem-rec/compute';
import type { PredictionLesson } from '@tandem-rec/contract';
import type { Pairs } from './pairs.ts';

/** Log-loss −Σ ln P(class), summed over the first pairs, whose slopes become σ(ŷ) − class. */
export function logLoss(pairs: Pairs, classes: readonly number[]): number {
  let loss = 0;
  classes.forEach((positive, p) => {
    const y = pairs.logits[p];
    pairs.slopes[p] = 1 / (1 + Math.exp(-y)) - positive;
    // ln(1 + e^y) − class · y without overflow
    loss += Math.max(y, 0) + Math.log1p(Math.exp(-Math.abs(y))) - positive * y;
  });
  return loss;
}

/**
 * Learning to rank as somebody else does: Σ_b weight_b · T² · KL(teacher_b ‖ softmax(ŷ_b / T)), whose slopes the pairs
 * from `at` on get. Items to which the teacher gives nothing do not compete.
 */
export function distillation({ candidates, target, temperature, weight }: PredictionLesson, pairs: Pairs, at: number) {
  let loss = 0;
  for (let b = 0, from = 0; b < weight.length; b++) {
    const n =
      candidates.kind === 'shared' ? candidates.items.length : candidates.offsets[b + 1] - candidates.offsets[b];
    const scale = weight[b] * temperature;
    if (scale > 0 && n > 0) {
      const logQ = pairs.logits.slice(at + from, at + from + n);
      for (let i = 0; i < n; i++) if (target[from + i] === 0) logQ[i] = -Infinity;
      logSoftmaxRows(logQ, 1, n, temperature, logQ);
      for (let i = 0; i < n; i++) {
        const t = target[from + i];
        if (t === 0) continue;
        loss += scale * temperature * t * (Math.log(t) - logQ[i]);
        pairs.slopes[at + from + i] = scale * (Math.exp(logQ[i]) - t);
      }
    }
    from += n;
  }
  return loss;
}
