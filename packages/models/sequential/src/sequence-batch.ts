/** A token that stands for no item: what lies behind the end of a sequence. */
const PAD = -1;
/** A token that hides an item, or asks for the next one (BERT4Rec). */
export const MASK = -2;

/** What a network reads: sequences of nearly the same length side by side. */
export interface SequenceBatch {
  /** B. */
  readonly size: number;
  /** L, that of the longest sequence. */
  readonly length: number;
  /** `B × L`: item rows, oldest first, or `MASK`; `PAD` behind the end of a sequence. */
  readonly tokens: Int32Array;
  /** `B`: tokens of each sequence, ≥ 1. */
  readonly lengths: Int32Array;
}

/** A sequence with a question at some of its positions. */
export interface Example {
  /** Item rows, oldest first, or `MASK`. */
  readonly tokens: Int32Array;
  /** For each token the item row that the state there should rank first; −1: none. */
  readonly targets: Int32Array;
}

/** Sequences side by side, padded behind their ends. */
export function padded(sequences: readonly Int32Array[]): SequenceBatch {
  const lengths = Int32Array.from(sequences, ({ length }) => length);
  const length = lengths.reduce((longest, own) => Math.max(longest, own), 1);
  const tokens = new Int32Array(sequences.length * length).fill(PAD);
  for (const [b, sequence] of sequences.entries()) tokens.set(sequence, b * length);
  return { size: sequences.length, length, tokens, lengths };
}
