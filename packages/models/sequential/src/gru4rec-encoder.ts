import { declareLayerNorm, layerNorm, tf, type DenseParameters, type Dropout, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import type { Gru4RecOptions } from './gru4rec.ts';
import { declareLinear, linear } from './layers.ts';
import type { SequenceBatch } from './sequence-batch.ts';
import type { SequenceEncoder } from './sequence-encoder.ts';

/**
 * The network of GRU4Rec, section 3 of the paper. For a layer with inputs x_t and states h_t, `B × hidden`, h_0 = 0:
 *
 *     r_t = σ(x_t W_r + h_{t−1} U_r + b_r)                  (4) reset gate
 *     z_t = σ(x_t W_z + h_{t−1} U_z + b_z)                  (2) update gate
 *     ĥ_t = tanh(x_t W + (r_t ⊙ h_{t−1}) U + b)             (3) candidate
 *     h_t = (1 − z_t) ⊙ h_{t−1} + z_t ⊙ ĥ_t                 (1)
 *
 * The products with x, rows scaled by √d, are made for all positions at once. The last layer's state is mapped to the
 * width of the items and normalised (LayerNorm), as rows are small at birth.
 */
export class Gru4RecEncoder implements SequenceEncoder {
  readonly #options: Gru4RecOptions;

  constructor(options: Gru4RecOptions, dense: DenseParameters, rng: Rng) {
    const { dim, hidden, layers } = options;
    this.#options = options;
    for (let l = 1; l <= layers; l++) {
      declareLinear(dense, `${l}/input`, l === 1 ? dim : hidden, 3 * hidden, rng);
      declareLinear(dense, `${l}/gates`, hidden, 2 * hidden, rng);
      declareLinear(dense, `${l}/candidate`, hidden, hidden, rng);
    }
    declareLinear(dense, 'output', hidden, dim, rng);
    declareLayerNorm(dense, 'norm', dim);
  }

  encode(weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout): tf.Tensor3D {
    const { dim, hidden, layers } = this.#options;
    const { size, length } = batch;
    let states = dropout.apply(tf.mul(timeFirst(x), Math.sqrt(dim)) as tf.Tensor2D);
    for (let l = 1; l <= layers; l++) {
      const inputs = linear(weights, `${l}/input`, states);
      const outputs: tf.Tensor2D[] = [];
      let h: tf.Tensor2D = tf.zeros([size, hidden]);
      for (let t = 0; t < length; t++) {
        const own = tf.slice(inputs, [t * size, 0], [size, 3 * hidden]);
        const fromPast = linear(weights, `${l}/gates`, h);
        const gates = tf.sigmoid(tf.add(tf.slice(own, [0, 0], [size, 2 * hidden]), fromPast));
        const [r, z] = tf.split(gates, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
        const candidate = tf.tanh(
          tf.add(tf.slice(own, [0, 2 * hidden], [size, hidden]), linear(weights, `${l}/candidate`, tf.mul(r, h))),
        );
        h = tf.add(h, tf.mul(z, tf.sub(candidate, h)));
        outputs.push(h);
      }
      states = dropout.apply(tf.concat(outputs, 0));
    }
    const mapped = layerNorm(weights, 'norm', linear(weights, 'output', states));
    return tf.transpose(tf.reshape(mapped, [length, size, dim]), [1, 0, 2]) as tf.Tensor3D;
  }
}

/** `B × L × d` to `L·B × d`. */
function timeFirst(x: tf.Tensor3D): tf.Tensor2D {
  const [size, length, dim] = x.shape;
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [length * size, dim]);
}
