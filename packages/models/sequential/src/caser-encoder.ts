import { tf, type DenseParameters, type Dropout, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import type { CaserOptions } from './caser.ts';
import { declareLinear, glorot, linear } from './layers.ts';
import type { SequenceBatch } from './sequence-batch.ts';
import type { SequenceEncoder } from './sequence-encoder.ts';

/**
 * The network of Caser, section 3 of the paper, at every position: its `window` newest items are an image E, one row an
 * item, rows before the beginning zero; N = B·L images at once.
 *
 *     c_i^k = ReLU(E_{i : i+h−1} ⊙ F^k + b),  o^k = max_i c_i^k       (4)–(6) horizontal filters of each height h
 *     õ^k = Σ_l F̃_l^k · E_l                                           (7)–(9) vertical filters
 *     z = ReLU([o, õ] W + b)                                          (10)
 *     state = z W′ + b′                                               (11), without a vector of the user
 */
export class CaserEncoder implements SequenceEncoder {
  readonly #options: CaserOptions;

  constructor(options: CaserOptions, dense: DenseParameters, rng: Rng) {
    const { dim, window, horizontal, vertical } = options;
    this.#options = options;
    for (let h = 1; h <= window; h++) declareLinear(dense, `horizontal/${h}`, h * dim, horizontal, rng);
    dense.declare('vertical', [vertical, window], glorot(rng, window, vertical));
    declareLinear(dense, 'joint', window * horizontal + vertical * dim, dim, rng);
    declareLinear(dense, 'output', dim, dim, rng);
  }

  encode(weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout): tf.Tensor3D {
    const { dim, window } = this.#options;
    const { size, length } = batch;
    const rows = imageRows(x, window);
    const o = Array.from({ length: window }, (_, k) => this.#strongest(weights, rows, k + 1));
    const joint = dropout.apply(tf.concat([...o, this.#vertical(weights, rows)], 1));
    const z = tf.relu(linear(weights, 'joint', joint));
    return tf.reshape(linear(weights, 'output', z), [size, length, dim]);
  }

  /** o of the horizontal filters of height h, `N × horizontal`. */
  #strongest(weights: Tensors, rows: readonly tf.Tensor2D[], h: number): tf.Tensor2D {
    const places = Array.from({ length: rows.length - h + 1 }, (_, i) =>
      tf.relu(linear(weights, `horizontal/${h}`, tf.concat(rows.slice(i, i + h), 1))),
    );
    return places.reduce((most, c) => tf.maximum(most, c));
  }

  /** õ, `N × vertical·d`. */
  #vertical(weights: Tensors, rows: readonly tf.Tensor2D[]): tf.Tensor2D {
    const { dim, vertical } = this.#options;
    const images = rows[0].shape[0];
    const E = tf.reshape(tf.stack([...rows]), [rows.length, images * dim]);
    const sums = tf.reshape(tf.matMul(weights['vertical'] as tf.Tensor2D, E as tf.Tensor2D), [vertical, images, dim]);
    return tf.reshape(tf.transpose(sums, [1, 0, 2]), [images, vertical * dim]);
  }
}

/** The rows of all images, oldest first: `window` matrices `B·L × d`. */
function imageRows(x: tf.Tensor3D, window: number): tf.Tensor2D[] {
  const [size, length, dim] = x.shape;
  const before = tf.concat([tf.zeros([size, window - 1, dim]) as tf.Tensor3D, x], 1);
  return Array.from({ length: window }, (_, row) =>
    tf.reshape(tf.slice(before, [0, row, 0], [size, length, dim]), [size * length, dim]),
  );
}
