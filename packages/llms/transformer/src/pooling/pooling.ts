import type { NamedArray } from '@tandem-rec/contract';

/** Histories of users over some items' vectors. */
export interface Pasts {
  /** How many users. */
  readonly size: number;
  /** The past of user b is `items[offsets[b] … offsets[b + 1])`, newest first, as positions in `vectors`. */
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  /** `items × dim`. */
  readonly vectors: Float32Array;
}

/** Makes a user's state of the vectors of what they last met. */
export interface Pooling {
  /** Newest items of a past that count. */
  readonly window: number;
  /** `size × dim`. */
  states(pasts: Pasts): Float32Array;
  /**
   * One step of learning: `head` takes the states and returns the gradient of the loss for them. Adds to `dVectors`,
   * the gradient for `pasts.vectors`.
   */
  train(pasts: Pasts, head: (states: Float32Array) => Float32Array, dVectors: Float32Array): void;
  save(): readonly NamedArray[];
  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[]): void;
}
