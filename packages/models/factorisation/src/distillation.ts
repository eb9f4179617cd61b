import { logSoftmaxRows, sgemm } from '@tandem-rec/compute';
import type { PredictionLesson } from '@tandem-rec/contract';
import type { Gathered } from './gathered.ts';

/**
 * Learning to rank as somebody else does: Σ_b weight_b · T² · KL(teacher_b ‖ softmax(x_b / T)) with x = ⟨w_u, h_i⟩ + b_i.
 * Items to which the teacher gives nothing do not compete.
 */
export class Distillation {
  #logits = new Float32Array(0);
  #logProbabilities = new Float32Array(0);

  /**
   * Adds the gradients for users, items and biases, and returns the loss, both summed over the rows of the batch.
   * @param at where the lesson's candidates begin among the rows of `items` and `biases`
   */
  descend(lesson: PredictionLesson, users: Gathered, items: Gathered, biases: Gathered, at: number): number {
    const { candidates, weight } = lesson;
    const batch = weight.length;
    const n = candidates.items.length;
    if (candidates.kind === 'shared') return this.#block(lesson, users, items, biases, 0, batch, at, n, 0);
    let loss = 0;
    for (let b = 0; b < batch; b++) {
      const start = candidates.offsets[b];
      loss += this.#block(lesson, users, items, biases, b, 1, at + start, candidates.offsets[b + 1] - start, start);
    }
    return loss;
  }

  /** The rows from `first` on, `count` of them, about the same `n` candidates; their targets begin at `from`. */
  #block(
    { target, temperature, weight }: PredictionLesson,
    users: Gathered,
    items: Gathered,
    biases: Gathered,
    first: number,
    count: number,
    at: number,
    n: number,
    from: number,
  ): number {
    if (n === 0) return 0;
    const { dim } = users;
    const length = count * n;
    if (this.#logits.length < length) {
      this.#logits = new Float32Array(length);
      this.#logProbabilities = new Float32Array(length);
    }
    const x = this.#logits;
    const logQ = this.#logProbabilities;
    const w = users.values.subarray(first * dim, (first + count) * dim);
    const h = items.values.subarray(at * dim, (at + n) * dim);
    for (let b = 0; b < count; b++) x.set(biases.values.subarray(at, at + n), b * n);
    sgemm({ transB: true }, count, n, dim, 1, w, h, 1, x);
    for (let i = 0; i < length; i++) if (target[from + i] === 0) x[i] = -Infinity;
    logSoftmaxRows(x, count, n, temperature, logQ);

    let loss = 0;
    for (let b = 0; b < count; b++) {
      const scale = weight[first + b] * temperature;
      for (let i = 0; i < n; i++) {
        const k = b * n + i;
        const t = target[from + k];
        if (t === 0 || scale === 0) {
          x[k] = 0;
          continue;
        }
        loss += scale * temperature * t * (Math.log(t) - logQ[k]);
        x[k] = scale * (Math.exp(logQ[k]) - t);
        biases.gradient[at + i] += x[k];
      }
    }
    sgemm({}, count, dim, n, 1, x, h, 1, users.gradient.subarray(first * dim, (first + count) * dim));
    sgemm({ transA: true }, n, dim, count, 1, x, w, 1, items.gradient.subarray(at * dim, (at + n) * dim));
    return loss;
  }
}
