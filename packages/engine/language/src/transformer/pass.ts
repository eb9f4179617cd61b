import { tf } from '@tandem-rec/compute';
import type { KeyValueCache } from './key-value-cache.ts';

/** Far below any score, and finite: a row of nothing else is a mean, not NaN. */
const MASKED = -1e9;

/** What the layers of one forward pass share. States are matrices, `size · length × width`, text below text. */
export interface Pass {
  readonly size: number;
  /** Positions of this pass. */
  readonly length: number;
  /** Positions before them, in the cache. */
  readonly past: number;
  /** Added to the scores, `size or 1 × 1 × length × past + length`; undefined where every position sees all. */
  readonly mask: tf.Tensor4D | undefined;
  readonly cache: KeyValueCache | undefined;
  /** Where several texts stand in one line, `size · length`: the tokens of a place's own text before it; else undefined. */
  readonly ages: Int32Array | undefined;
  /** Layers that are run, from the first. */
  readonly layers: number;
}

/**
 * The mask of texts that are filled up on the right: a position does not see padding nor, where the pass is causal, what
 * comes after it. `lengths`: the real positions of each text, cached ones not counted; undefined: all.
 */
export function attentionMask(
  size: number,
  length: number,
  past: number,
  lengths: Int32Array | undefined,
  causal: boolean,
): tf.Tensor4D | undefined {
  const padded = lengths?.some((each) => each < length) ?? false;
  if (!padded && (!causal || length === 1)) return undefined;
  const whole = past + length;
  const count = padded ? size : 1;
  const mask = new Float32Array(count * length * whole);
  for (let b = 0; b < count; b++) {
    const end = past + (padded ? lengths![b] : length);
    for (let i = 0; i < length; i++) {
      const seen = causal ? Math.min(end, past + i + 1) : end;
      // Where there is nothing to see, a position of the padding sees all: its state is never used.
      if (seen > 0) mask.fill(MASKED, (b * length + i) * whole + seen, (b * length + i + 1) * whole);
    }
  }
  return tf.tensor4d(mask, [count, 1, length, whole]);
}

/**
 * The mask of several texts in one line: a place sees its own text or, where the pass is causal, what of it does not come
 * after. `starts`: the first place of each place's text, `size · length`, counted over all lines; an empty place is a text of its own.
 */
export function packedMask(size: number, length: number, starts: Int32Array, causal: boolean): tf.Tensor4D {
  const mask = new Float32Array(size * length * length).fill(MASKED);
  for (let line = 0; line < size; line++)
    for (let i = 0; i < length; i++) {
      const place = line * length + i;
      const row = place * length;
      const start = starts[place] - line * length;
      let end = i + 1;
      if (!causal) while (end < length && starts[line * length + end] === starts[place]) end++;
      mask.fill(0, row + start, row + end);
    }
  return tf.tensor4d(mask, [size, 1, length, length]);
}
