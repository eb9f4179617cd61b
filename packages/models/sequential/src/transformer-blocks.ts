import { tf, type DenseParameters, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import { declareSelfAttention, selfAttention } from './attention.ts';
import type { Dropout } from './dropout.ts';
import { declareLayerNorm, declareLinear, gelu, layerNorm, linear } from './layers.ts';
import type { SequenceBatch } from './sequence-batch.ts';

/** How many blocks, and how wide a feed-forward network is inside. */
interface BlockSizes {
  readonly blocks: number;
  readonly dim: number;
  readonly inner: number;
}

/** Declares the weights of `transformerBlocks`. */
export function declareTransformerBlocks(dense: DenseParameters, { blocks, dim, inner }: BlockSizes, rng: Rng): void {
  for (let b = 1; b <= blocks; b++) {
    declareLayerNorm(dense, `${b}/attention/norm`, dim);
    declareSelfAttention(dense, `${b}/attention`, dim, rng);
    declareLayerNorm(dense, `${b}/feed/norm`, dim);
    declareLinear(dense, `${b}/feed/1`, dim, inner, rng);
    declareLinear(dense, `${b}/feed/2`, inner, dim, rng);
  }
  declareLayerNorm(dense, 'norm', dim);
}

/**
 * Blocks of a transformer that normalises in front (Xiong et al., "On Layer Normalization in the Transformer Architecture",
 * 2020), and once more behind the last:
 *
 *     S = F + Dropout(SA(LN(F)))
 *     F = S + Dropout(FFN(LN(S))),   FFN(x) = GELU(x W₁ + b₁) W₂ + b₂
 *
 * @param F `B·L × d`
 * @param mask added to the scores of attention, to broadcast to `B × heads × L × L`
 * @returns `B × L × d`
 */
export function transformerBlocks(
  weights: Tensors,
  { blocks, heads }: { readonly blocks: number; readonly heads: number },
  F: tf.Tensor2D,
  batch: SequenceBatch,
  mask: tf.Tensor4D,
  dropout: Dropout,
): tf.Tensor3D {
  for (let b = 1; b <= blocks; b++) {
    const normed = layerNorm(weights, `${b}/attention/norm`, F);
    const S: tf.Tensor2D = tf.add(
      F,
      dropout.apply(selfAttention(weights, `${b}/attention`, heads, normed, batch, mask)),
    );
    const inner = gelu(linear(weights, `${b}/feed/1`, layerNorm(weights, `${b}/feed/norm`, S)));
    F = tf.add(S, dropout.apply(linear(weights, `${b}/feed/2`, inner)));
  }
  return tf.reshape(layerNorm(weights, 'norm', F), [batch.size, batch.length, -1]);
}
