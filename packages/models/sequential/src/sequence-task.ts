import type { Rng } from '@tandem-rec/contract';
import type { Example } from './sequence-batch.ts';

/** What a model is asked in training, and how it is asked for the next item. Sequences are item rows, oldest first. */
export interface SequenceTask {
  /** What the newest part of a sequence asks, one way or another each time; without a target it teaches nothing. */
  example(sequence: Int32Array, rng: Rng): Example;
  /** All that a whole sequence asks in one pass over a training set. Without it: its `example`. */
  pass?(sequence: Int32Array, rng: Rng): readonly Example[];
  /**
   * Only of a task for causal networks, whose state at a token answers for what follows it, whatever is behind: the parts in
   * which a long sequence is read, so that what follows every token is asked once.
   */
  windows?(length: number): readonly Window[];
  /** The tokens whose last state ranks what follows the history, which has one item at least. */
  query(history: Int32Array): Int32Array;
}

/** Tokens `from … to − 1` of a sequence, asked for the items `asked … to`, each by the token before it. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly asked: number;
}

/** "What came next?", at every position of the newest `maxLength` (SASRec, GRU4Rec, Caser). The network must be causal. */
export function nextItem(maxLength: number): SequenceTask {
  return {
    example(sequence) {
      const newest = sequence.subarray(Math.max(0, sequence.length - maxLength - 1));
      return { tokens: newest.subarray(0, newest.length - 1), targets: newest.subarray(1) };
    },
    /** Windows of `maxLength` tokens that overlap by half: no item is asked for with fewer than half of them before it. */
    windows(length) {
      const windows: Window[] = [];
      const ahead = Math.ceil(maxLength / 2);
      for (let asked = 1; asked < length; asked = windows.at(-1)!.to + 1) {
        const to = Math.min(asked === 1 ? maxLength : asked - 1 + ahead, length - 1);
        windows.push({ from: Math.max(0, to - maxLength), to, asked });
      }
      return windows;
    },
    query: (history) => history.subarray(Math.max(0, history.length - maxLength)),
  };
}
