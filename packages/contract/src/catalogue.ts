import type { CatalogueItem } from './interaction.ts';

/** The items known so far, by row. Kept once by the engine; it grows while the stream runs. */
export interface Catalogue {
  /** Number of items; rows are `0 … size - 1`. */
  readonly size: number;
  /** Grows by one whenever an item is added or its text changes: compare it to know whether to look again. */
  readonly revision: number;
  item(row: number): CatalogueItem;
  row(id: string): number | undefined;
  /** Rows whose text is new or changed since `revision` (0: all that have text), ascending. */
  changedSince(revision: number): Int32Array;
}

/** Counts over everything learned so far. Kept once by the engine. */
export interface Statistics {
  /** Number of users; rows are `0 … users - 1`. */
  readonly users: number;
  readonly items: number;
  /** Interactions learned so far. */
  readonly interactions: number;
  /** Interactions of each item, live, length ≥ `items`. */
  readonly itemCounts: Float32Array;
  /** Interactions of each user, live, length ≥ `users`. */
  readonly userCounts: Float32Array;
}
