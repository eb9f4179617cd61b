/** Several texts as a rectangle of token ids, filled up on the right. */
export interface TokenBatch {
  readonly size: number;
  /** Tokens of the longest text, at least 1. */
  readonly length: number;
  /** `size × length`; behind a text `padId`. */
  readonly ids: Int32Array;
  /** `size`: how many ids of each row are its text's. */
  readonly lengths: Int32Array;
}

/** Puts token ids of texts below each other, padded with `padId` (any id will do: padding is never looked at). */
export function tokenBatch(texts: readonly ArrayLike<number>[], padId = 0): TokenBatch {
  const lengths = Int32Array.from(texts, (text) => text.length);
  const length = lengths.reduce((most, each) => Math.max(most, each), 1);
  const ids = new Int32Array(texts.length * length).fill(padId);
  for (const [i, text] of texts.entries()) ids.set(text, i * length);
  return { size: texts.length, length, ids, lengths };
}

/**
 * Cuts texts of mixed lengths into batches of at most `maxTokens` padded tokens each, kindred lengths together, so that
 * little is padded: positions in `lengths`, shortest first. A text longer than `maxTokens` is a batch of its own.
 */
export function bucketByLength(lengths: ArrayLike<number>, maxTokens: number): readonly (readonly number[])[] {
  const order = Array.from(lengths, (_, i) => i).sort((a, b) => lengths[a] - lengths[b] || a - b);
  const buckets: number[][] = [];
  let open: number[] = [];
  for (const i of order) {
    // The newest is the longest: it sets the width of the whole bucket.
    if (open.length > 0 && (open.length + 1) * lengths[i] > maxTokens) {
      buckets.push(open);
      open = [];
    }
    open.push(i);
  }
  if (open.length > 0) buckets.push(open);
  return buckets;
}
