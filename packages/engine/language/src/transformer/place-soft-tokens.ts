import { tf } from '@tandem-rec/compute';

/**
 * Puts soft tokens in place of words: row `places[i]` of `words`, `rows × width`, becomes row i of `soft`. Differentiable in
 * both; the words that were there get no gradient. Throws RangeError for a place that is none or taken twice.
 */
export function placeSoftTokens(words: tf.Tensor2D, soft: tf.Tensor2D, places: Int32Array): tf.Tensor2D {
  const rows = words.shape[0];
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  for (const [i, place] of places.entries()) {
    if (order[place] !== place)
      throw new RangeError(`Row ${place} of ${rows} is no place for a soft token, or is taken.`);
    order[place] = rows + i;
  }
  return tf.gather(tf.concat([words, soft]), tf.tensor1d(order, 'int32')) as tf.Tensor2D;
}
