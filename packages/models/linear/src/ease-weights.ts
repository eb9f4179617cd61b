import {
  Arena,
  choleskyInverse,
  patternGram,
  patternOf,
  patternTimes,
  restore,
  transposed,
  type Pattern,
} from '@tandem-rec/compute';
import type { Histories, NamedArray, State, Timelines } from '@tandem-rec/contract';
import type { GramCounts } from './gram-counts.ts';
import { requireSquare } from './require-square.ts';

/** B (items × items) of EASE, where it was solved for: in one square of an arena that first holds G, then P, then B. */
export class EaseWeights {
  /** Items there were at the last solution. */
  items = 0;
  readonly #threads: number;
  #arena: Arena | undefined;
  #square: Float32Array = new Float32Array(0);

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** G = XᵀX (below equation 3) of whole timelines. An item that a user met twice counts once. */
  count({ offsets, items: met }: Timelines, items: number, gram: GramCounts): void {
    requireSquare(items);
    const { arena, square } = this.#room(items);
    arena.scoped(() => {
      const X = patternOf(offsets, met, items, arena);
      patternGram(arena, X, transposed(X, arena), { data: square, row: items });
    });
    gram.take(square, items);
  }

  /** Equation 8: P = (G + λ I)⁻¹, B_ij = −P_ij / P_jj, B_ii = 0. */
  solve(gram: GramCounts, lambda: number): void {
    const n = gram.items;
    requireSquare(n);
    const { arena, square } = this.#room(n);
    gram.write(square);
    for (let i = 0; i < n; i++) square[i * n + i] += lambda;
    if (n > 0) choleskyInverse(arena, square, n);
    const factors = Float64Array.from({ length: n }, (_, j) => -1 / square[j * n + j]);
    for (let i = 0, at = 0; i < n; i++) {
      for (let j = 0; j < n; j++) square[at++] *= factors[j];
      square[i * n + i] = 0;
    }
    this.items = n;
  }

  /**
   * x_u · B for every user, where x_u is the user's history (each item once): `size × items`, in place until the weights
   * are used again. Items that came after the last solution have no weights. X has what is known of the histories.
   */
  scores({ offsets, items: met }: Histories, size: number): { readonly scores: Float32Array; readonly X: Pattern } {
    const { arena, square } = this.#room(this.items);
    return arena.scoped(() => {
      const X = patternOf(offsets.subarray(0, size + 1), met, this.items, arena);
      const scores = arena.uncleared(size * this.items);
      patternTimes(arena, X, { data: square, row: this.items }, this.items, scores);
      return { scores, X };
    });
  }

  save(): NamedArray[] {
    const { items } = this;
    return [{ name: 'weights', shape: [items, items], owner: 'item', data: this.#square.subarray(0, items * items) }];
  }

  load(state: State, items: number): void {
    requireSquare(items);
    const { square } = this.#room(items);
    restore(state, 'weights', square.subarray(0, items * items));
    this.items = items;
  }

  close(): void {
    this.#arena?.close();
    this.#arena = undefined;
    this.#square = new Float32Array(0);
    this.items = 0;
  }

  /** The square, in a larger arena if it must be; what it held is lost then. */
  #room(items: number): { readonly arena: Arena; readonly square: Float32Array } {
    if (this.#arena === undefined || this.#square.length < items * items) {
      this.close();
      this.#arena = new Arena({ threads: this.#threads });
      this.#square = this.#arena.float32(items * items);
    }
    return { arena: this.#arena, square: this.#square };
  }
}
