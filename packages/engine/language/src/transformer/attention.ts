import { tf } from '@tandem-rec/compute';
import type { Pass } from './pass.ts';

/** How the states of a layer are divided into heads. */
export interface Heads {
  readonly queries: number;
  /** Fewer than `queries`: each serves `queries / keys` of them (Ainslie et al., "GQA", 2023). */
  readonly keys: number;
  /** Numbers a head. */
  readonly depth: number;
}

/** `size · length × heads · depth` as `size × heads × length × depth`. */
export function split(x: tf.Tensor2D, { size, length }: Pass, heads: number, depth: number): tf.Tensor4D {
  return tf.transpose(tf.reshape(x, [size, length, heads, depth]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/**
 * Scaled dot-product attention `softmax(Q Kᵀ / √depth + mask) V` (Vaswani et al., "Attention is all you need", 2017, eq. 1)
 * of all heads; Q `size × queries × length × depth`, K and V `size × keys × length × depth`. With a cache the keys and
 * values of earlier positions come first. Answers `size · length × queries · depth`.
 */
export function attend(
  query: tf.Tensor4D,
  key: tf.Tensor4D,
  value: tf.Tensor4D,
  layer: number,
  pass: Pass,
  { queries, keys, depth }: Heads,
): tf.Tensor2D {
  const { size, length } = pass;
  const [k, v] = pass.cache ? pass.cache.extend(layer, key, value) : [key, value];
  const past = k.shape[2];
  // The queries that share a key lie next to each other: to the products they are one head with more rows.
  const grouped = shaped(tf.mul(query, 1 / Math.sqrt(depth)), [size, keys, (queries / keys) * length, depth]);
  const scores = shaped(tf.matMul(grouped, k, false, true), [size, queries, length, past]);
  const weights = tf.softmax(pass.mask ? tf.add(scores, pass.mask) : scores);
  const mixed = tf.matMul(shaped(weights, [size, keys, (queries / keys) * length, past]), v);
  const rows = tf.transpose(shaped(mixed, [size, queries, length, depth]), [0, 2, 1, 3]);
  return tf.reshape(rows, [size * length, queries * depth]);
}

/** Without an operation, forward and back, where it has that shape: each head with keys of its own. */
function shaped(x: tf.Tensor, shape: [number, number, number, number]): tf.Tensor4D {
  return x.shape.every((size, axis) => size === shape[axis]) ? (x as tf.Tensor4D) : tf.reshape(x, shape);
}
