import type { Rows } from './matrix.ts';

/**
 * Ragged histories, one per row of a batch: the items of row b are `items[offsets[b] … offsets[b + 1])`,
 * **newest first**, all from before the row's own event, at most the engine's `history.limit` of them.
 */
export interface Histories {
  /** Length: rows + 1. */
  readonly offsets: Int32Array;
  readonly items: Rows;
}

/** For whom to predict: users with what they did so far. */
export interface UserContexts {
  readonly size: number;
  /** Row numbers of the users, `size` of them; −1 (in predictions only) is somebody who was never met. */
  readonly users: Rows;
  readonly history: Histories;
  /** How many interactions each user had before this moment (not limited as `history` is). */
  readonly positions: Int32Array;
  /** The moment of each question, milliseconds since the epoch; zeros where the data has no times. */
  readonly atMs: Float64Array;
}

/**
 * What one step learns from; each row's moment is its event's. Rows `0 … fresh - 1` are new events in the order of the stream; the rest are
 * replayed: earlier events, each with the history it had then.
 */
export interface Batch extends UserContexts {
  /** The item of each event. */
  readonly items: Rows;
  readonly values: Float32Array;
  readonly fresh: number;
  /** Number of events learned before this batch, over the life of the run. */
  readonly sequence: number;
}

/** Which items to score: one list for every user, or a ragged list per user as in `Histories`. */
export type Candidates =
  | { readonly kind: 'shared'; readonly items: Rows }
  | { readonly kind: 'ragged'; readonly offsets: Int32Array; readonly items: Rows };

/**
 * Scores in the candidates' layout: `users × items.length` row-major for shared candidates, else one per entry of
 * the ragged list. They are **logits**: larger is better, and a softmax over a user's candidates is what the model
 * believes, so that lessons and fusions can compare participants. `-Infinity` means "cannot be", `NaN` never occurs.
 * The array may be reused by the participant's next `predict`: copy what must outlive it. Until then it is the caller's to write into.
 */
export type Scores = Float32Array;
