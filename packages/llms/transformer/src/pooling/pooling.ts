import type { NamedArray, Rows } from '@tandem-rec/contract';

/** Histories of users over some items' vectors, one a row. */
export interface Pasts {
  /** How many rows. */
  readonly size: number;
  /** The past of row b is `items[offsets[b] … offsets[b + 1])`, newest first, as positions in `vectors`. */
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  /**
   * First rows of the runs, and `size` behind them. The rows of a run are consecutive events of one user: the past of each is
   * that of the row before with one more item in front (and the oldest cut off where it would be longer than the window).
   * Whoever reads a past in its order may read a run as one sequence with a state after each of the pasts.
   */
  readonly runs: Int32Array;
  /** `items × dim`. */
  readonly vectors: Float32Array;
}

/** Pasts that say who and what they are about, for whoever looks up words. */
export interface NamedPasts extends Pasts {
  /** Of each past. */
  readonly users: Rows;
  /** Of each vector: the item's row in the catalogue. */
  readonly rows: Rows;
}

/** How a step of learning is made. */
export interface LearningStep {
  /** Scales the learning rates of this step. */
  readonly rate: number;
  /** Decides what chance decides in it, such as what is dropped: a whole number below 2³². */
  readonly seed: number;
}

/** Makes a user's state of the vectors of what they last met. */
export interface Pooling {
  /** Newest items of a past that count. */
  readonly window: number;
  /** A run of at most so many items gives the states that its pasts give alone; 0: no run does. */
  readonly exactRun: number;
  /** `size × dim`. */
  states(pasts: NamedPasts): Float32Array;
  /**
   * One step of learning: `head` takes the states and returns the gradient of the loss for them. Adds to `dVectors`,
   * the gradient for `pasts.vectors`.
   */
  train(
    pasts: NamedPasts,
    head: (states: Float32Array) => Float32Array,
    dVectors: Float32Array,
    step: LearningStep,
  ): void;
  save(): readonly NamedArray[];
  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[]): void;
}
