import type { Rng } from '@tandem-rec/contract';
import type { Example } from './sequence-batch.ts';

/** What a model is asked in training, and how it is asked for the next item. Sequences are item rows, oldest first. */
export interface SequenceTask {
  /** What a sequence asks, one way or another each time; without a target it teaches nothing. */
  example(sequence: Int32Array, rng: Rng): Example;
  /** The tokens whose last state ranks what follows the history, which has one item at least. */
  query(history: Int32Array): Int32Array;
}

/** "What came next?", at every position of the newest `maxLength` (SASRec, GRU4Rec, Caser). The network must be causal. */
export function nextItem(maxLength: number): SequenceTask {
  return {
    example(sequence) {
      const newest = sequence.subarray(Math.max(0, sequence.length - maxLength - 1));
      return { tokens: newest.subarray(0, newest.length - 1), targets: newest.subarray(1) };
    },
    query: (history) => history.subarray(Math.max(0, history.length - maxLength)),
  };
}
