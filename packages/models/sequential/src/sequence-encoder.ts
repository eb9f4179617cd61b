import type { DenseParameters, Dropout, Tensors, tf } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import type { SequenceBatch } from './sequence-batch.ts';

/** A network from tokens to hidden states: all that a sequence model has of its own. */
export interface SequenceEncoder {
  /**
   * The state h_t of every position of every sequence; item i is then ranked by ⟨h_t, e_i⟩. States behind the end of a
   * sequence are never used. Runs in a tidy, and must be differentiable.
   * @param x vectors of the tokens, `B × L × d`; zeros for `MASK` and `PAD`
   * @returns `B × L × d`
   */
  encode(weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout): tf.Tensor3D;
  /**
   * The same at some positions among all `B·L` alone, where that is less work.
   * @returns a row for each position
   */
  encodeAt?(places: Int32Array, weights: Tensors, x: tf.Tensor3D, batch: SequenceBatch, dropout: Dropout): tf.Tensor2D;
}

/** Makes the network; it declares its weights. */
export type EncoderFactory = (dense: DenseParameters, rng: Rng) => SequenceEncoder;
