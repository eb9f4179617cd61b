import { tf, type DenseParameters, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import { causalMask, declareSelfAttention, selfAttention } from './attention.ts';
import type { Dropout } from './dropout.ts';
import { declareLayerNorm, declareLinear, gelu, layerNorm, linear, normal } from './layers.ts';
import type { SasrecOptions } from './sasrec.ts';
import type { SequenceBatch } from './sequence-batch.ts';
import type { SequenceEncoder } from './sequence-encoder.ts';

/**
 * The network of SASRec, section III of the paper. Ê, S and F are `B·L × d`:
 *
 *     Ê = √d · M_s + P                             (1) rows of the items and learned positions
 *     S = SA(F),   SA(F) = Attention(F W^Q, F W^K, F W^V)  (2), (3), causal, in heads
 *     F = FFN(S) = GELU(S W₁ + b₁) W₂ + b₂         (4)
 *
 * stacked in blocks (5), each part as g(x) → x + Dropout(g(LayerNorm(x))). The state F^(b)_t ranks items by the rows of
 * the input (7): one embedding for both.
 */
export class SasrecEncoder implements SequenceEncoder {
  readonly #options: SasrecOptions;

  constructor(options: SasrecOptions, dense: DenseParameters, rng: Rng) {
    const { dim, maxLength, blocks } = options;
    this.#options = options;
    dense.declare('P', [maxLength, dim], normal(rng, 0.02));
    for (let b = 1; b <= blocks; b++) {
      declareLayerNorm(dense, `${b}/attention/norm`, dim);
      declareSelfAttention(dense, `${b}/attention`, dim, rng);
      declareLayerNorm(dense, `${b}/feed/norm`, dim);
      declareLinear(dense, `${b}/feed/1`, dim, 2 * dim, rng);
      declareLinear(dense, `${b}/feed/2`, 2 * dim, dim, rng);
    }
    declareLayerNorm(dense, 'norm', dim);
  }

  encode(weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout): tf.Tensor3D {
    const { dim, blocks, heads } = this.#options;
    const { size, length } = batch;
    const mask = causalMask(batch);
    const P = tf.slice(weights['P'], [0, 0], [length, dim]);
    const E = tf.add(tf.mul(x, Math.sqrt(dim)), P);
    let F = dropout.apply(tf.reshape(E, [size * length, dim]) as tf.Tensor2D);
    for (let b = 1; b <= blocks; b++) {
      const normed = layerNorm(weights, `${b}/attention/norm`, F);
      const S: tf.Tensor2D = tf.add(
        F,
        dropout.apply(selfAttention(weights, `${b}/attention`, heads, normed, batch, mask)),
      );
      const inner = gelu(linear(weights, `${b}/feed/1`, layerNorm(weights, `${b}/feed/norm`, S)));
      F = tf.add(S, dropout.apply(linear(weights, `${b}/feed/2`, inner)));
    }
    return tf.reshape(layerNorm(weights, 'norm', F), [size, length, dim]);
  }
}
