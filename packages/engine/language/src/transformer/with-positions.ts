import { tf } from '@tandem-rec/compute';
import type { Pass } from './pass.ts';

/** Adds the same `length × width` to every text's embeddings, `size · length × width`. */
export function withPositions(embeddings: tf.Tensor2D, places: tf.Tensor, { size, length }: Pass): tf.Tensor2D {
  const width = embeddings.shape[1];
  return tf.reshape(tf.add(tf.reshape(embeddings, [size, length, width]), places), [size * length, width]);
}
