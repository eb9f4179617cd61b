import { sgemm, softmaxRows, tf } from '@tandem-rec/compute';
import type { PredictionLesson } from '@tandem-rec/contract';

/**
 * Learning to rank as somebody else does (Hinton, Vinyals and Dean, 2015), with gradients for both arguments:
 *
 *     Σ_b weight_b · T² · KL(target_b ‖ softmax(⟨h_b, v⟩ / T)) / B
 *
 * @param h states of those rows of the batch that have one, `asked.length × d`
 * @param V vectors of the lesson's candidates, in its order, `n × d`
 * @param asked which rows of the batch these are
 */
export function distillationLoss(
  lesson: PredictionLesson,
  h: tf.Tensor2D,
  V: tf.Tensor2D,
  asked: Int32Array,
): tf.Scalar {
  const loss = tf.customGrad((...args) => {
    const [states, vectors] = args as unknown as [tf.Tensor2D, tf.Tensor2D];
    const { value, dh, dV } = evaluate(lesson, states.dataSync<'float32'>(), vectors.dataSync<'float32'>(), asked);
    return {
      value: tf.scalar(value),
      gradFunc: (dy) => [
        tf.mul(tf.tensor2d(dh, h.shape), dy as tf.Scalar),
        tf.mul(tf.tensor2d(dV, V.shape), dy as tf.Scalar),
      ],
    };
  });
  return loss(h, V) as tf.Scalar;
}

/** Logits of shared candidates that are in memory at a time. */
const LOGITS_AT_ONCE = 1 << 21;

function evaluate(lesson: PredictionLesson, h: Float32Array, V: Float32Array, asked: Int32Array) {
  const { candidates, temperature, weight } = lesson;
  const dim = asked.length === 0 ? 0 : h.length / asked.length;
  const dh = new Float32Array(h.length);
  const dV = new Float32Array(V.length);
  let value = 0;
  /** Rows `from … to − 1` of those asked, about the candidates `start … end − 1`; `taught`: where each one's targets are. */
  const block = (from: number, to: number, start: number, end: number, taught: (i: number) => number): void => {
    const [rows, n] = [to - from, end - start];
    if (n === 0) return;
    const states = h.subarray(from * dim, to * dim);
    const vectors = V.subarray(start * dim, end * dim);
    const logits = new Float32Array(rows * n);
    const slopes = new Float32Array(rows * n);
    const logSums = new Float64Array(rows);
    sgemm({ transB: true }, rows, n, dim, 1, states, vectors, 0, logits);
    softmaxRows(logits, rows, n, temperature, slopes, logSums);
    for (let i = 0; i < rows; i++) {
      const b = asked[from + i];
      const scale = (weight[b] * temperature) / weight.length;
      const target = lesson.target.subarray(taught(from + i), taught(from + i) + n);
      for (let c = 0, at = i * n; c < n; c++, at++) {
        const p = target[c];
        if (p > 0) value += scale * temperature * p * (Math.log(p) - logits[at] / temperature + logSums[i]);
        slopes[at] = scale * (slopes[at] - p);
      }
    }
    sgemm({}, rows, dim, n, 1, slopes, vectors, 0, dh.subarray(from * dim, to * dim));
    sgemm({ transA: true }, n, dim, rows, 1, slopes, states, 1, dV.subarray(start * dim, end * dim));
  };
  if (candidates.kind === 'ragged')
    for (const [i, b] of asked.entries()) {
      const [start, end] = [candidates.offsets[b], candidates.offsets[b + 1]];
      if (weight[b] > 0) block(i, i + 1, start, end, () => start);
    }
  else {
    const n = candidates.items.length;
    const rows = Math.max(1, Math.floor(LOGITS_AT_ONCE / Math.max(n, 1)));
    for (let from = 0; from < asked.length; from += rows)
      block(from, Math.min(from + rows, asked.length), 0, n, (i) => asked[i] * n);
  }
  return { value, dh, dV };
}
