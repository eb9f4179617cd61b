import { grown, restore } from '@tandem-rec/compute';
import type { NamedArray, State } from '@tandem-rec/contract';
import { requireSquare } from './require-square.ts';

/** Floats of the lower triangle of so many rows. */
const triangle = (items: number): number => (items * (items + 1)) / 2;

/**
 * The Gram matrix G = XᵀX of binary interactions, kept up to date event by event: how many users met both items of a
 * pair, and on the diagonal each. Its lower triangle is packed row by row, so that new items are appended.
 */
export class GramCounts {
  items = 0;
  #packed = new Float32Array(0);

  /** How many users met this item. */
  count(item: number): number {
    return item < this.items ? this.#packed[triangle(item) + item] : 0;
  }

  /** A user with this history, each item once, has met one more. Throws `TANDEM_MEMORY_TOO_SMALL` beyond what B could be solved for. */
  add(item: number, history: Iterable<number>): void {
    this.#grow(item + 1);
    this.#packed[triangle(item) + item]++;
    for (const other of history) {
      this.#grow(other + 1);
      this.#packed[triangle(Math.max(item, other)) + Math.min(item, other)]++;
    }
  }

  /** Reads the lower triangle of a square. */
  take(square: Float32Array, items: number): void {
    this.items = items;
    this.#packed = new Float32Array(triangle(items));
    for (let i = 0; i < items; i++) this.#packed.set(square.subarray(i * items, i * items + i + 1), triangle(i));
  }

  /** Writes the lower triangle of a square of the items there are. */
  write(square: Float32Array): void {
    for (let i = 0; i < this.items; i++)
      square.set(this.#packed.subarray(triangle(i), triangle(i + 1)), i * this.items);
  }

  save(): NamedArray[] {
    const length = triangle(this.items);
    return [{ name: 'gram', shape: [length], owner: 'item', data: this.#packed.subarray(0, length) }];
  }

  load(state: State, items: number): void {
    const packed = new Float32Array(triangle(items));
    restore(state, 'gram', packed);
    this.items = items;
    this.#packed = packed;
  }

  #grow(items: number): void {
    if (items <= this.items) return;
    requireSquare(items);
    this.items = items;
    this.#packed = grown(this.#packed, triangle(items));
  }
}
