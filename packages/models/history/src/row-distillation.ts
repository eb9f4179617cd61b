import type { PredictionLesson } from '@tandem-rec/contract';
import { room } from './scratch.ts';
import { softmax } from './softmax.ts';

/** The candidates that one row of a batch is taught about. */
export interface TaughtRow {
  /** Logits of `n` candidates from `at` on; −∞ for those that do not compete. */
  readonly z: Float32Array;
  readonly at: number;
  readonly n: number;
  /** Where the teacher's probabilities of them begin. */
  readonly from: number;
}

/** weight_b T² KL(teacher_b ‖ softmax(z_b / T)) of one row of a batch at a time. */
export class RowDistillation {
  /** Probabilities at the lesson's temperature. */
  #softened = new Float32Array(0);

  /**
   * Adds the gradient of row b's KL to `dz`, weight · T · (mass · softmax(z / T) − teacher), and returns its loss. Items
   * the user has met compete in neither distribution: `mass` is what the teacher gives to the others, and the loss is
   * `mass` times the KL between what is left of both.
   */
  descend(
    { target, temperature, weight }: PredictionLesson,
    b: number,
    { z, at, n, from }: TaughtRow,
    dz: Float32Array,
  ): number {
    if (weight[b] === 0) return 0;
    const q = (this.#softened = room(this.#softened, n));
    const logSum = softmax(z, at, n, temperature, q);
    const scale = weight[b] * temperature;
    const inverse = 1 / temperature;
    let mass = 0;
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const t = target[from + i];
      const logit = z[at + i];
      if (t === 0 || logit === -Infinity) continue;
      mass += t;
      loss += t * (Math.log(t) - logit * inverse + logSum);
      dz[i] -= scale * t;
    }
    const pull = scale * mass;
    for (let i = 0; i < n; i++) dz[i] += pull * q[i];
    return mass === 0 ? 0 : scale * temperature * (loss - mass * Math.log(mass));
  }
}
