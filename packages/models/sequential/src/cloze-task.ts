import type { Rng } from '@tandem-rec/contract';
import { MASK, type Example } from './sequence-batch.ts';
import type { SequenceTask } from './sequence-task.ts';

/** How much is hidden. */
interface ClozeOptions {
  readonly maxLength: number;
  /** Share of the items hidden, ρ; 0: the last one alone. */
  readonly masked: number;
  /** Share of the sequences of which the last item alone is hidden, as when the model is asked for the next one. */
  readonly lastOnly: number;
  /** Share of the places behind the first at which a sequence is cut in a pass, to be asked for its last item there. */
  readonly cuts: number;
}

/** "What is hidden here?" (Taylor's cloze, 1953): some items become `MASK`, at least one, and the model is to name them. */
export function cloze({ maxLength, masked, lastOnly, cuts }: ClozeOptions): SequenceTask {
  const newestOf = (sequence: Int32Array): Int32Array => sequence.slice(Math.max(0, sequence.length - maxLength));
  const example = (sequence: Int32Array, rng: Rng): Example => {
    const newest = newestOf(sequence);
    if (newest.length === 0) return { tokens: newest, targets: newest };
    const last = masked === 0 || rng.next() < lastOnly;
    return hide(newest, last ? [newest.length - 1] : drawn(newest.length, masked, rng));
  };
  return {
    example,
    pass(sequence, rng) {
      const asNext = drawnEnds(sequence.length, cuts, rng).map((end) => {
        const newest = newestOf(sequence.subarray(0, end));
        return hide(newest, [newest.length - 1]);
      });
      return masked === 0 ? asNext : [example(sequence, rng), ...asNext];
    },
    query(history) {
      const newest = history.subarray(Math.max(0, history.length - maxLength + 1));
      const tokens = new Int32Array(newest.length + 1).fill(MASK);
      tokens.set(newest);
      return tokens;
    },
  };
}

/** Places, each with the same chance; one of them if chance takes none. */
function drawn(length: number, share: number, rng: Rng): readonly number[] {
  const places = Array.from({ length }, (_, t) => t).filter(() => rng.next() < share);
  return places.length > 0 ? places : [rng.int(length)];
}

/** Ends of sequences of two items and more, each with the same chance. */
const drawnEnds = (length: number, share: number, rng: Rng): readonly number[] =>
  share === 0 ? [] : Array.from({ length: Math.max(0, length - 1) }, (_, t) => t + 2).filter(() => rng.next() < share);

function hide(items: Int32Array, places: readonly number[]): Example {
  const tokens = items.slice();
  const targets = new Int32Array(items.length).fill(-1);
  for (const t of places) {
    targets[t] = items[t];
    tokens[t] = MASK;
  }
  return { tokens, targets };
}
