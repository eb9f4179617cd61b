import type { Histories } from '@tandem-rec/contract';
import type { Arena, Kernel } from './arena.ts';
import { neighboursBinary } from './binaries/neighbours.ts';
import type { SparseRows } from './propagate.ts';
import { requireMemory } from './require-memory.ts';

interface Exports {
  readonly similar: (scratch: number, from: number, to: number, ...rest: number[]) => void;
  readonly vote: (scratch: number, from: number, to: number, ...rest: number[]) => void;
}

/** Rows of the product, and histories, that a thread takes at a time: each time it clears a row of sums. */
const BLOCK = 256;

/**
 * The nearest neighbours of every item, and what a history says through them. Row i of S = Wᵀ W, of which the `k` largest are
 * kept, is at `i · k` of `columns` and `weights`, `lengths[i]` long, in no order.
 */
export class Neighbours {
  readonly items: number;
  readonly k: number;
  readonly columns: Int32Array;
  readonly weights: Float32Array;
  readonly lengths: Int32Array;
  readonly #arena: Arena;
  readonly #kernel: Kernel<Exports>;

  /** Without neighbours yet. Throws `TANDEM_MEMORY_TOO_SMALL`. */
  constructor(arena: Arena, items: number, k: number) {
    requireMemory(`Keeping ${k} neighbours of each of ${items} items`, items * (8 * k + 4));
    this.items = items;
    this.k = k;
    this.#arena = arena;
    this.#kernel = arena.open(neighboursBinary);
    this.columns = arena.int32(items * k);
    this.weights = arena.float32(items * k);
    this.lengths = arena.int32(items);
  }

  /**
   * Finds them, on all threads of the arena; the result does not depend on how many there are.
   * @param byUser W, users × items, its entries above 0
   * @param byItem Wᵀ
   */
  find(byUser: SparseRows, byItem: SparseRows): void {
    const { items, k } = this;
    this.#arena.scoped(() => {
      const [users, members] = [this.#place(byUser), this.#place(byItem)];
      const rest = [items, k, ...members, ...users, ...this.#rows];
      this.#kernel.parallel('similar', items, { block: BLOCK, scratchBytes: this.#scratchBytes }, (from, to) => [
        from,
        to,
        ...rest,
      ]);
    });
  }

  /**
   * `scores[b · items + i] = ln(Σ_h S_h,i + prior_i)` over the newest `limit` of history b. Valid until the arena is used
   * again.
   * @param priors above 0
   */
  vote(size: number, { offsets, items: history }: Histories, limit: number, priors: Float32Array): Float32Array {
    const { items, k } = this;
    return this.#arena.scoped(() => {
      // Written whole by the kernel: there is no need to clear it.
      const scores = this.#arena.uncleared(size * items);
      const first = offsets[0];
      const bounds = offsets.subarray(0, size + 1).map((offset) => offset - first);
      const starts = this.#copied(bounds.subarray(0, size));
      const ends = this.#copied(bounds.subarray(1).map((end, b) => Math.min(end, bounds[b] + limit)));
      const base = this.#arena.float32(items);
      for (let i = 0; i < items; i++) base[i] = Math.log(priors[i]);
      const past = this.#copied(history.subarray(first, offsets[size]));
      const prior = this.#arena.float32(items);
      prior.set(priors);
      const rest = [starts, ends, past, ...this.#rows, prior.byteOffset, base.byteOffset, scores.byteOffset];
      this.#kernel.parallel('vote', size, { block: BLOCK, scratchBytes: this.#scratchBytes }, (from, to) => [
        ...[from, to, items, k],
        ...rest,
      ]);
      return scores;
    });
  }

  get #rows(): readonly number[] {
    return [this.columns.byteOffset, this.weights.byteOffset, this.lengths.byteOffset];
  }

  get #scratchBytes(): number {
    return 8 * this.items + 4;
  }

  /** Addresses of offsets, columns and values. */
  #place({ offsets, columns, values }: SparseRows): readonly number[] {
    const floats = this.#arena.float32(values.length);
    floats.set(values);
    return [this.#copied(offsets), this.#copied(columns), floats.byteOffset];
  }

  #copied(numbers: Int32Array): number {
    const copy = this.#arena.int32(numbers.length);
    copy.set(numbers);
    return copy.byteOffset;
  }
}
