import { packLines } from '../pooling/pack-lines.ts';
import type { NamedPasts } from '../pooling/pooling.ts';
import type { Layout } from './layout.ts';
import { sequencesOf, type Sequence } from './sequences.ts';

/** Sequences that pass through the body together, side by side in lines of one width. */
export interface TokenPart {
  readonly lines: number;
  readonly width: number;
  /** `lines · width`: the first place of its sequence; of an empty place that place. */
  readonly starts: Int32Array;
  /** `lines · width` word ids; at soft tokens and empty places any. Undefined: there are no words. */
  readonly ids: Int32Array | undefined;
  /** Soft tokens: which of the pasts' vectors, and at which place. */
  readonly items: Int32Array;
  readonly places: Int32Array;
  /** Pasts whose states are found here; those that are empty come last. */
  readonly pasts: Int32Array;
  /** Of each past that is not empty the place of its state, or the first of the sequence that its state is the mean of. */
  readonly states: Int32Array;
}

/** The pasts, each once, in parts of at most `budget` places (or one line). */
export function tokenParts(pasts: NamedPasts, window: number, layout: Layout, budget: number): TokenPart[] {
  const sequences = sequencesOf(pasts, window, layout).sort((a, b) => b.tokens - a.tokens);
  const { lines, width, places } = packLines(sequences.map(({ tokens }) => tokens));
  const most = Math.max(1, Math.floor(budget / width));
  const parts: TokenPart[] = [];
  for (let line = 0; sequences.length > 0 && line < lines; line += most) {
    const [from, to] = [line * width, Math.min(lines, line + most) * width];
    const own = sequences.map((_, s) => s).filter((s) => places[s] >= from && places[s] < to);
    parts.push(
      partOf(
        own.map((s) => ({ ...sequences[s], start: places[s] - from })),
        { lines: (to - from) / width, width },
        pasts,
        layout,
      ),
    );
  }
  const empty = Int32Array.from({ length: pasts.size }, (_, b) => b).filter(
    (b) => pasts.offsets[b + 1] === pasts.offsets[b],
  );
  if (empty.length === 0) return parts;
  const [first = partOf([], { lines: 0, width: 1 }, pasts, layout), ...rest] = parts;
  return [{ ...first, pasts: Int32Array.of(...first.pasts, ...empty) }, ...rest];
}

function partOf(
  sequences: readonly (Sequence & { readonly start: number })[],
  { lines, width }: { readonly lines: number; readonly width: number },
  { rows, users }: NamedPasts,
  layout: Layout,
): TokenPart {
  const words = new Int32Array(lines * width);
  const starts = Int32Array.from(words, (_, place) => place);
  const found = { items: [] as number[], places: [] as number[], pasts: [] as number[], states: [] as number[] };
  let anyWords = false;
  for (const { first, end, before, items, start, tokens } of sequences) {
    starts.fill(start, start, start + tokens);
    let at = start;
    const say = (ids: ArrayLike<number>): void => {
      words.set(ids, at);
      at += ids.length;
      anyWords ||= ids.length > 0;
    };
    const answer = (past: number, place: number): void => {
      found.pasts.push(past);
      found.states.push(place);
    };
    say(layout.before(users[first]));
    for (const [i, item] of items.entries()) {
      say(layout.words(rows[item]));
      found.items.push(item);
      found.places.push(at);
      // The past that ends with this item: the first has `before` items, each of the others one more.
      const past = first + i + 1 - before;
      if (layout.causal && past >= first && past < end) answer(past, at);
      at++;
    }
    say(layout.after);
    if (!layout.causal) answer(first, start);
  }
  return {
    lines,
    width,
    starts,
    ids: anyWords ? words : undefined,
    items: Int32Array.from(found.items),
    places: Int32Array.from(found.places),
    pasts: Int32Array.from(found.pasts),
    states: Int32Array.from(found.states),
  };
}
