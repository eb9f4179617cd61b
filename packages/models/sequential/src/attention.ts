import { tf, type DenseParameters, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import { declareLinear, linear } from './layers.ts';
import type { SequenceBatch } from './sequence-batch.ts';

/** Added to the score of a position that must not be seen. */
const UNSEEN = -1e9;

/** 0 where position t may see position s ≤ t, else −10⁹: `1 × 1 × L × L`. Nothing else is needed where ends are padded. */
export function causalMask({ length }: SequenceBatch): tf.Tensor4D {
  const mask = new Float32Array(length * length);
  for (let t = 0; t < length; t++) mask.fill(UNSEEN, t * length + t + 1, (t + 1) * length);
  return tf.tensor4d(mask, [1, 1, length, length]);
}

/** 0 at the tokens of a sequence, −10⁹ behind its end: `B × 1 × 1 × L`. */
export function paddingMask({ size, length, lengths }: SequenceBatch): tf.Tensor4D {
  const mask = new Float32Array(size * length);
  for (let b = 0; b < size; b++) mask.fill(UNSEEN, b * length + lengths[b], (b + 1) * length);
  return tf.tensor4d(mask, [size, 1, 1, length]);
}

/** Declares the weights of `selfAttention`. */
export function declareSelfAttention(dense: DenseParameters, name: string, dim: number, rng: Rng): void {
  for (const part of ['query', 'key', 'value', 'output']) declareLinear(dense, `${name}/${part}`, dim, dim, rng);
}

/**
 * Attention(x W^Q, x W^K, x W^V) W^O in heads d_h wide, with Attention(Q, K, V) = softmax(Q Kᵀ / √d_h + mask) V
 * (Vaswani et al., 2017).
 * @param x `B·L × d`
 * @param asking rows of x that attend, as many of each sequence; all without it
 * @returns `B·L × d`, or a row for each that attends
 */
export function selfAttention(
  weights: Tensors,
  name: string,
  heads: number,
  x: tf.Tensor2D,
  { size, length }: SequenceBatch,
  mask: tf.Tensor4D,
  asking: tf.Tensor2D = x,
): tf.Tensor2D {
  const dim = x.shape[1];
  const width = dim / heads;
  const rows = asking.shape[0];
  const split = (part: string, of: tf.Tensor2D, places: number): tf.Tensor4D =>
    tf.transpose(tf.reshape(linear(weights, `${name}/${part}`, of), [size, places, heads, width]), [0, 2, 1, 3]);
  const Q = split('query', asking, rows / size);
  const scores = tf.mul(tf.matMul(Q, split('key', x, length), false, true), 1 / Math.sqrt(width));
  const mixed = tf.matMul(tf.softmax(tf.add(scores, mask)), split('value', x, length));
  const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [rows, dim]) as tf.Tensor2D;
  return linear(weights, `${name}/output`, joined);
}
