import { Arena } from './arena.ts';
import { arenaSgemm } from './sgemm.ts';

/** Rows of items, written where they are used. */
export interface ItemRows {
  readonly count: number;
  readonly dim: number;
  /** Writes `count × dim` floats. */
  readonly read: (into: Float32Array) => void;
  /** Writes `count` floats that are added to the scores of each item. */
  readonly readBiases?: (into: Float32Array) => void;
}

/**
 * Scores of users and items by the inner products of their rows: what a factor model answers with. They are made where
 * the kernels work, and stay there for `topK` and `countAbove`: nothing of the size of the scores is copied. Memory grows
 * to the largest request and stays.
 */
export class InnerProducts {
  readonly #arena = new Arena();

  /**
   * scale · ⟨w_u, h_i⟩ + b_i, `users × items`, until the next call.
   * @param W one row a user, `users × dim`, anywhere
   */
  score(W: Float32Array, users: number, { count, dim, read, readBiases }: ItemRows, scale = 1): Float32Array {
    const arena = this.#arena;
    return arena.scoped(() => {
      const scores = arena.uncleared(users * count);
      const U = arena.uncleared(users * dim);
      const V = arena.uncleared(count * dim);
      U.set(W.length === U.length ? W : W.subarray(0, U.length));
      read(V);
      const [A, B, C] = [U, V, scores].map((data, i) => ({ data, row: i < 2 ? dim : count }));
      if (readBiases) {
        const biases = arena.uncleared(count);
        readBiases(biases);
        arenaSgemm(arena, { transB: true }, users, count, dim, scale, A, B, 1, C, { data: biases, row: 0 });
      } else arenaSgemm(arena, { transB: true }, users, count, dim, scale, A, B, 0, C);
      return scores;
    });
  }
}
