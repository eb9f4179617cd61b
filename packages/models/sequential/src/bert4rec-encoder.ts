import { tf, type DenseParameters, type Dropout, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import { paddingMask } from './attention.ts';
import type { Bert4RecOptions } from './bert4rec.ts';
import { normal } from './layers.ts';
import { MASK, type SequenceBatch } from './sequence-batch.ts';
import type { SequenceEncoder } from './sequence-encoder.ts';
import { declareTransformerBlocks, transformerBlocks } from './transformer-blocks.ts';

/**
 * The network of BERT4Rec, section 3 of the paper: blocks of attention to both sides, 4 d wide inside, over
 *
 *     H⁰ = √d · V_s + P          items or [mask], and learned places counted from the end, `B·L × d`
 *
 * What comes out of them meets the items' rows without the paper's projection in between.
 */
export class Bert4RecEncoder implements SequenceEncoder {
  readonly #options: Bert4RecOptions;

  constructor(options: Bert4RecOptions, dense: DenseParameters, rng: Rng) {
    const { dim, maxLength, layers, initialStd } = options;
    this.#options = options;
    dense.declare('mask', [1, dim], normal(rng, initialStd));
    dense.declare('P', [maxLength, dim], normal(rng, initialStd));
    declareTransformerBlocks(dense, { blocks: layers, dim, inner: 4 * dim }, rng);
  }

  encode(weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout): tf.Tensor3D {
    return tf.reshape(this.#states(weights, x, batch, dropout), [batch.size, batch.length, this.#options.dim]);
  }

  encodeAt(places: Int32Array, weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout): tf.Tensor2D {
    return this.#states(weights, x, batch, dropout, places);
  }

  #states(weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout, places?: Int32Array): tf.Tensor2D {
    const { dim, layers, heads } = this.#options;
    const { size, length, tokens } = batch;
    const isMask = tf.tensor3d(
      Float32Array.from(tokens, (token) => (token === MASK ? 1 : 0)),
      [size, length, 1],
    );
    const V = tf.mul(tf.add(x, tf.mul(isMask, weights['mask'])), Math.sqrt(dim));
    const P = tf.gather(weights['P'], tf.tensor1d(placesFromEnd(batch), 'int32'));
    const H = dropout.apply(tf.add(tf.reshape(V, [size * length, dim]), P) as tf.Tensor2D);
    return transformerBlocks(weights, { blocks: layers, heads }, H, batch, paddingMask(batch), dropout, places);
  }
}

/** Places of the tokens counted from the end of their sequence, `B·L`: the question at the end always stands at place 0. */
function placesFromEnd({ size, length, lengths }: SequenceBatch): Int32Array {
  const places = new Int32Array(size * length);
  for (const [b, own] of lengths.entries()) for (let t = 0; t < own; t++) places[b * length + t] = own - 1 - t;
  return places;
}
