import { tf, type DenseParameters, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import { declareSelfAttention, paddingMask, selfAttention } from './attention.ts';
import type { Bert4RecOptions } from './bert4rec.ts';
import type { Dropout } from './dropout.ts';
import { declareLayerNorm, declareLinear, gelu, layerNorm, linear, normal } from './layers.ts';
import { MASK, type SequenceBatch } from './sequence-batch.ts';
import type { SequenceEncoder } from './sequence-encoder.ts';

/**
 * The network of BERT4Rec, section 3 of the paper; H^l and A are `B·L × d`:
 *
 *     H⁰ = LN(√d · V_s + P)                    items or [mask], and learned places, counted from the end
 *     A = LN(H^(l−1) + Dropout(MH(H^(l−1))))   attention in heads, to both sides
 *     H^l = LN(A + Dropout(PFFN(A))),          PFFN(x) = GELU(x W₁ + b₁) W₂ + b₂, 4 d wide inside
 *
 * H^L meets the items' rows without the paper's projection in between.
 */
export class Bert4RecEncoder implements SequenceEncoder {
  readonly #options: Bert4RecOptions;

  constructor(options: Bert4RecOptions, dense: DenseParameters, rng: Rng) {
    const { dim, maxLength, layers, initialStd } = options;
    this.#options = options;
    dense.declare('mask', [1, dim], normal(rng, initialStd));
    dense.declare('P', [maxLength, dim], normal(rng, initialStd));
    declareLayerNorm(dense, '0/norm', dim);
    for (let l = 1; l <= layers; l++) {
      declareSelfAttention(dense, `${l}/attention`, dim, rng);
      declareLayerNorm(dense, `${l}/attention/norm`, dim);
      declareLinear(dense, `${l}/feed/1`, dim, 4 * dim, rng);
      declareLinear(dense, `${l}/feed/2`, 4 * dim, dim, rng);
      declareLayerNorm(dense, `${l}/feed/norm`, dim);
    }
  }

  encode(weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout): tf.Tensor3D {
    const { dim, layers, heads } = this.#options;
    const { size, length, tokens, lengths } = batch;
    const isMask = tf.tensor3d(
      Float32Array.from(tokens, (token) => (token === MASK ? 1 : 0)),
      [size, length, 1],
    );
    const P = tf.reshape(tf.gather(weights['P'], tf.tensor1d(placesFromEnd(length, lengths), 'int32')), x.shape);
    const V = tf.add(tf.mul(tf.add(x, tf.mul(isMask, weights['mask'])), Math.sqrt(dim)), P);
    let H = dropout.apply(layerNorm(weights, '0/norm', tf.reshape(V, [size * length, dim]) as tf.Tensor2D));
    const seen = paddingMask(batch);
    for (let l = 1; l <= layers; l++) {
      const mixed = dropout.apply(selfAttention(weights, `${l}/attention`, heads, H, batch, seen));
      const A = layerNorm(weights, `${l}/attention/norm`, tf.add(H, mixed));
      const fed = linear(weights, `${l}/feed/2`, gelu(linear(weights, `${l}/feed/1`, A)));
      H = layerNorm(weights, `${l}/feed/norm`, tf.add(A, dropout.apply(fed)));
    }
    return tf.reshape(H, [size, length, dim]);
  }
}

/** Places of the tokens counted from the end of their sequence, `B·L`: the question at the end always stands at place 0. */
function placesFromEnd(length: number, lengths: Int32Array): Int32Array {
  const places = new Int32Array(lengths.length * length);
  for (const [b, own] of lengths.entries()) for (let t = 0; t < own; t++) places[b * length + t] = own - 1 - t;
  return places;
}
