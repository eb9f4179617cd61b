import * as tf from '@tensorflow/tfjs-core';

/**
 * Weighted sums of rows, a sparse matrix (CSR) times a dense one: bag b is
 * `Σ weights[i] · table[indices[i]]` for i in `offsets[b] … offsets[b + 1]`. For texts as bags of hashed words and
 * histories as bags of items; an empty bag is zero.
 *
 * Plain loops on the table's elements, forward and backward. The gradient for the table is dense, so give it the rows
 * of a batch and not a whole catalogue. Throws RangeError for indices that are no rows.
 * @param table rows × dim
 * @param offsets ascending, from 0 to `indices.length`; bags + 1 of them
 * @param weights one per index; default 1. They are constants: no gradient flows to them
 * @returns bags × dim
 */
export function bagOfRows(
  table: tf.Tensor2D,
  offsets: Int32Array,
  indices: Int32Array,
  weights?: Float32Array,
): tf.Tensor2D {
  const [rows, dim] = table.shape;
  const bags = offsets.length - 1;
  if (offsets[0] !== 0 || offsets[bags] !== indices.length || (weights && weights.length < indices.length))
    throw new RangeError(
      `bagOfRows: offsets end at ${offsets[bags]}, with ${indices.length} indices and ${weights?.length ?? 'no'} weights.`,
    );
  for (let i = 0; i < indices.length; i++)
    if (indices[i] < 0 || indices[i] >= rows) throw new RangeError(`bagOfRows: row ${indices[i]} of ${rows}.`);

  const operation = tf.customGrad((x) => {
    const values = (x as tf.Tensor).dataSync<'float32'>();
    const sums = new Float32Array(bags * dim);
    for (let bag = 0; bag < bags; bag++)
      for (let i = offsets[bag]; i < offsets[bag + 1]; i++) {
        const weight = weights ? weights[i] : 1;
        for (let d = 0, from = indices[i] * dim, to = bag * dim; d < dim; d++)
          sums[to + d] += weight * values[from + d];
      }
    return {
      value: tf.tensor2d(sums, [bags, dim]),
      gradFunc: (dy: tf.Tensor) => {
        const upstream = dy.dataSync<'float32'>();
        const gradient = new Float32Array(rows * dim);
        for (let bag = 0; bag < bags; bag++)
          for (let i = offsets[bag]; i < offsets[bag + 1]; i++) {
            const weight = weights ? weights[i] : 1;
            for (let d = 0, to = indices[i] * dim, from = bag * dim; d < dim; d++)
              gradient[to + d] += weight * upstream[from + d];
          }
        return tf.tensor2d(gradient, [rows, dim]);
      },
    };
  });
  return operation(table) as tf.Tensor2D;
}
