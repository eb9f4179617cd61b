import { tf, type DenseParameters, type Dropout, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import { causalMask } from './attention.ts';
import { normal } from './layers.ts';
import type { SasrecOptions } from './sasrec.ts';
import type { SequenceBatch } from './sequence-batch.ts';
import type { SequenceEncoder } from './sequence-encoder.ts';
import { declareTransformerBlocks, transformerBlocks } from './transformer-blocks.ts';

/**
 * The network of SASRec, section III of the paper. Ê, S and F are `B·L × d`:
 *
 *     Ê = √d · M_s + P                             (1) rows of the items and learned positions
 *     S = SA(F),   SA(F) = Attention(F W^Q, F W^K, F W^V)  (2), (3), causal, in heads
 *     F = FFN(S) = GELU(S W₁ + b₁) W₂ + b₂         (4)
 *
 * stacked in blocks (5), each part as g(x) → x + Dropout(g(LayerNorm(x))): `transformerBlocks`. The state F^(b)_t ranks
 * items by the rows of the input (7): one embedding for both.
 */
export class SasrecEncoder implements SequenceEncoder {
  readonly #options: SasrecOptions;

  constructor(options: SasrecOptions, dense: DenseParameters, rng: Rng) {
    const { dim, maxLength, blocks } = options;
    this.#options = options;
    dense.declare('P', [maxLength, dim], normal(rng, 0.02));
    declareTransformerBlocks(dense, { blocks, dim, inner: 2 * dim }, rng);
  }

  encode(weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout): tf.Tensor3D {
    const { dim, blocks, heads } = this.#options;
    const { size, length } = batch;
    const P = tf.slice(weights['P'], [0, 0], [length, dim]);
    const E = tf.add(tf.mul(x, Math.sqrt(dim)), P);
    const F = dropout.apply(tf.reshape(E, [size * length, dim]) as tf.Tensor2D);
    const states = transformerBlocks(weights, { blocks, heads }, F, batch, causalMask(batch), dropout);
    return tf.reshape(states, [size, length, dim]);
  }
}
