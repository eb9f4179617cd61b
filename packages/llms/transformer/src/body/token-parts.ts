import { bucketByLength } from '@tandem-rec/language';
import type { NamedPasts } from '../pooling/pooling.ts';
import type { Layout } from './layout.ts';
import { sequencesOf, type Sequence } from './sequences.ts';

/** Sequences that pass through the body together, filled up on the right. */
export interface TokenPart {
  readonly size: number;
  /** Tokens of the longest sequence. */
  readonly length: number;
  /** Real tokens of each sequence. */
  readonly lengths: Int32Array;
  /** `size · length` word ids; at a soft token and in the padding any. Undefined: there are no words. */
  readonly ids: Int32Array | undefined;
  /** Soft tokens: which of the pasts' vectors, and at which of the `size · length` places. */
  readonly items: Int32Array;
  readonly places: Int32Array;
  /** Pasts whose states are found here; those that are empty come last. */
  readonly pasts: Int32Array;
  /** Of each that is not empty the place of its state, or the sequence that its state is the mean of. */
  readonly states: Int32Array;
}

/** The pasts, each once, in parts of at most `budget` padded tokens, kindred lengths together. */
export function tokenParts(pasts: NamedPasts, window: number, layout: Layout, budget: number): TokenPart[] {
  const sequences = sequencesOf(pasts, window, layout);
  const buckets = bucketByLength(
    sequences.map(({ tokens }) => tokens),
    budget,
  );
  const parts = buckets.map((bucket) =>
    partOf(
      bucket.map((i) => sequences[i]),
      pasts,
      layout,
    ),
  );
  const empty = Int32Array.from({ length: pasts.size }, (_, b) => b).filter(
    (b) => pasts.offsets[b + 1] === pasts.offsets[b],
  );
  if (empty.length === 0) return parts;
  const [first = partOf([], pasts, layout), ...rest] = parts;
  return [{ ...first, pasts: Int32Array.of(...first.pasts, ...empty) }, ...rest];
}

function partOf(sequences: readonly Sequence[], { rows, users }: NamedPasts, layout: Layout): TokenPart {
  const size = sequences.length;
  const lengths = Int32Array.from(sequences, ({ tokens }) => tokens);
  const length = lengths.reduce((most, each) => Math.max(most, each), 1);
  const words = new Int32Array(size * length);
  const found = { items: [] as number[], places: [] as number[], pasts: [] as number[], states: [] as number[] };
  let anyWords = false;
  for (const [s, { first, end, before, items }] of sequences.entries()) {
    let at = s * length;
    const say = (ids: ArrayLike<number>): void => {
      words.set(ids, at);
      at += ids.length;
      anyWords ||= ids.length > 0;
    };
    say(layout.before(users[first]));
    for (const [i, item] of items.entries()) {
      say(layout.words(rows[item]));
      found.items.push(item);
      found.places.push(at);
      // The past that ends with this item: the first has `before` items, each of the others one more.
      const past = first + i + 1 - before;
      if (layout.causal && past >= first && past < end) {
        found.pasts.push(past);
        found.states.push(at);
      }
      at++;
    }
    say(layout.after);
    if (!layout.causal) {
      found.pasts.push(first);
      found.states.push(s);
    }
  }
  return {
    size,
    length,
    lengths,
    ids: anyWords ? words : undefined,
    items: Int32Array.from(found.items),
    places: Int32Array.from(found.places),
    pasts: Int32Array.from(found.pasts),
    states: Int32Array.from(found.states),
  };
}
