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

function evaluate(lesson: PredictionLesson, h: Float32Array, V: Float32Array, asked: Int32Array) {
  const { candidates, target, temperature, weight } = lesson;
  const dim = asked.length === 0 ? 0 : h.length / asked.length;
  const dh = new Float32Array(h.length);
  const dV = new Float32Array(V.length);
  const logSum = new Float64Array(1);
  let value = 0;
  for (const [i, b] of asked.entries()) {
    const start = candidates.kind === 'shared' ? 0 : candidates.offsets[b];
    const end = candidates.kind === 'shared' ? candidates.items.length : candidates.offsets[b + 1];
    const n = end - start;
    if (n === 0 || weight[b] === 0) continue;
    const state = h.subarray(i * dim, (i + 1) * dim);
    const vectors = V.subarray(start * dim, end * dim);
    const logits = new Float32Array(n);
    const slopes = new Float32Array(n);
    sgemm({ transB: true }, 1, n, dim, 1, state, vectors, 0, logits);
    softmaxRows(logits, 1, n, temperature, slopes, logSum);
    const taught = candidates.kind === 'shared' ? b * n : start;
    const scale = (weight[b] * temperature) / weight.length;
    for (let c = 0; c < n; c++) {
      const p = target[taught + c];
      if (p > 0) value += scale * temperature * p * (Math.log(p) - logits[c] / temperature + logSum[0]);
      slopes[c] = scale * (slopes[c] - p);
    }
    sgemm({}, 1, dim, n, 1, slopes, vectors, 1, dh.subarray(i * dim, (i + 1) * dim));
    sgemm({ transA: true }, n, dim, 1, 1, slopes, state, 1, dV.subarray(start * dim, end * dim));
  }
  return { value, dh, dV };
}
