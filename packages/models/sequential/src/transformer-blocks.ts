import { declareLayerNorm, layerNorm, tf, type DenseParameters, type Dropout, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import { declareSelfAttention, selfAttention } from './attention.ts';
import { declareLinear, gelu, linear } from './layers.ts';
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
 * @param places where states are wanted: the last block attends from there alone, and `mask` must be the same for all of a
 *   sequence. All without it
 * @returns `B·L × d`, or a row for each place
 */
export function transformerBlocks(
  weights: Tensors,
  { blocks, heads }: { readonly blocks: number; readonly heads: number },
  F: tf.Tensor2D,
  batch: SequenceBatch,
  mask: tf.Tensor4D,
  dropout: Dropout,
  places?: Int32Array,
): tf.Tensor2D {
  const seats = places && seatsOf(places, batch);
  for (let b = 1; b <= blocks; b++) {
    const normed = layerNorm(weights, `${b}/attention/norm`, F);
    const some = b === blocks ? seats?.rows : undefined;
    const asking = rowsAt(normed, some);
    const attended = selfAttention(weights, `${b}/attention`, heads, normed, batch, mask, asking);
    const S: tf.Tensor2D = tf.add(rowsAt(F, some), dropout.apply(attended));
    const inner = gelu(linear(weights, `${b}/feed/1`, layerNorm(weights, `${b}/feed/norm`, S)));
    F = tf.add(S, dropout.apply(linear(weights, `${b}/feed/2`, inner)));
  }
  return layerNorm(weights, 'norm', rowsAt(F, seats?.found));
}

const rowsAt = (x: tf.Tensor2D, rows: Int32Array | undefined): tf.Tensor2D =>
  rows ? (tf.gather(x, tf.tensor1d(rows, 'int32')) as tf.Tensor2D) : x;

interface Seats {
  /** As many positions of each sequence, among all `B·L`: those wanted, and its first where there are fewer. */
  readonly rows: Int32Array;
  /** Which of them were wanted, in their order. */
  readonly found: Int32Array;
}

function seatsOf(places: Int32Array, { size, length }: SequenceBatch): Seats {
  const counts = new Int32Array(size);
  for (const place of places) counts[Math.floor(place / length)]++;
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const rows = Int32Array.from({ length: size * most }, (_, seat) => Math.floor(seat / most) * length);
  const taken = new Int32Array(size);
  const found = Int32Array.from(places, (place) => {
    const b = Math.floor(place / length);
    const seat = b * most + taken[b]++;
    rows[seat] = place;
    return seat;
  });
  return { rows, found };
}
