import { tf } from '@tandem-rec/compute';
import type { Pass } from './pass.ts';

/** Adds to every place's embedding (`size · length × width`) the row of its position in a table, `positions × width`. */
export function withPositions(embeddings: tf.Tensor2D, table: tf.Tensor, pass: Pass): tf.Tensor2D {
  const { size, length, past, ages } = pass;
  const width = embeddings.shape[1];
  if (ages) return tf.add(embeddings, tf.gather(table, tf.tensor1d(ages, 'int32')));
  const places = tf.slice(table, [past, 0], [length, width]);
  return tf.reshape(tf.add(tf.reshape(embeddings, [size, length, width]), places), [size * length, width]);
}
