import { declareLayerNorm, layerNorm, tf, type DenseParameters, type Dropout, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';

/** Sizes of the blocks; the feed-forward network is twice as wide as the states. */
export interface BlockSizes {
  readonly dim: number;
  readonly layers: number;
  readonly heads: number;
}

/** Rows of the network as sequences: `lines × width`, with what a place may look at. */
export interface Lines {
  readonly lines: number;
  readonly width: number;
  /** `lines × 1 × width × width`: added to the scores. */
  readonly mask: tf.Tensor4D;
  /** The places whose states are wanted. */
  readonly wanted: tf.Tensor1D;
}

/** Declares the weights of `causalBlocks`. */
export function declareCausalBlocks(dense: DenseParameters, { dim, layers }: BlockSizes, rng: Rng): void {
  const matrix = (name: string, inputs: number, outputs: number): void =>
    dense.declare(name, [inputs, outputs], (into) => {
      for (let i = 0; i < into.length; i++) into[i] = rng.normal() / Math.sqrt(inputs);
    });
  for (let l = 0; l < layers; l++) {
    declareLayerNorm(dense, `${l}/attention`, dim);
    for (const part of ['query', 'key', 'value', 'output']) matrix(`${l}/${part}`, dim, dim);
    declareLayerNorm(dense, `${l}/feed`, dim);
    matrix(`${l}/up`, dim, 2 * dim);
    dense.declare(`${l}/up/bias`, [2 * dim]);
    matrix(`${l}/down`, 2 * dim, dim);
  }
  declareLayerNorm(dense, 'state', dim);
}

/**
 * Blocks of a transformer that normalises in front (Xiong et al., "On layer normalization in the transformer architecture",
 * 2020), and once more behind the last:
 *
 *     s = x + Dropout(Attention(LN(x)))     x = s + Dropout(ReLU(LN(s) U + b) V)
 *
 * From x, `lines · width × dim`, to the states of the wanted places, `wanted × dim`; for the others the last block computes
 * keys and values only.
 */
export function causalBlocks(
  weights: Tensors,
  { dim, layers, heads }: BlockSizes,
  x: tf.Tensor2D,
  { lines, width, mask, wanted }: Lines,
  dropout: Dropout,
): tf.Tensor2D {
  const depth = dim / heads;
  const product = (rows: tf.Tensor, name: string): tf.Tensor2D =>
    tf.matMul(rows as tf.Tensor2D, weights[name] as tf.Tensor2D);
  const split = (rows: tf.Tensor): tf.Tensor =>
    tf.transpose(tf.reshape(rows, [lines, width, heads, depth]), [0, 2, 1, 3]);
  let h: tf.Tensor2D = x;
  for (let l = 0; l < layers; l++) {
    const n = layerNorm(weights, `${l}/attention`, h);
    const query = split(tf.mul(product(n, `${l}/query`), 1 / Math.sqrt(depth)));
    const scores = tf.matMul(query, split(product(n, `${l}/key`)), false, true);
    const mixed = tf.matMul(tf.softmax(tf.add(scores, mask)), split(product(n, `${l}/value`)));
    let context = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [lines * width, dim]);
    if (l === layers - 1) {
      context = tf.gather(context, wanted);
      h = tf.gather(h, wanted);
    }
    h = tf.add(h, dropout.apply(product(context, `${l}/output`)));
    const up = tf.add(product(layerNorm(weights, `${l}/feed`, h), `${l}/up`), weights[`${l}/up/bias`]);
    h = tf.add(h, dropout.apply(product(tf.relu(up), `${l}/down`)));
  }
  return layerNorm(weights, 'state', h);
}
