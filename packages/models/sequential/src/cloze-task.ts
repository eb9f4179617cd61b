import type { Rng } from '@tandem-rec/contract';
import { MASK, type Example } from './sequence-batch.ts';
import type { SequenceTask } from './sequence-task.ts';

/** How much is hidden. */
interface ClozeOptions {
  readonly maxLength: number;
  /** Share of the items hidden, ρ. */
  readonly masked: number;
  /** Share of the sequences of which the last item alone is hidden, as when the model is asked for the next one. */
  readonly lastOnly: number;
}

/** "What is hidden here?" (Taylor's cloze, 1953): some items become `MASK`, at least one, and the model is to name them. */
export function cloze({ maxLength, masked, lastOnly }: ClozeOptions): SequenceTask {
  return {
    example(sequence, rng) {
      const newest = sequence.slice(Math.max(0, sequence.length - maxLength));
      if (newest.length === 0) return { tokens: newest, targets: newest };
      return hide(newest, rng.next() < lastOnly ? [newest.length - 1] : drawn(newest.length, masked, rng));
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

function hide(items: Int32Array, places: readonly number[]): Example {
  const tokens = items.slice();
  const targets = new Int32Array(items.length).fill(-1);
  for (const t of places) {
    targets[t] = items[t];
    tokens[t] = MASK;
  }
  return { tokens, targets };
}
