import type { Rng } from '@tandem-rec/contract';
import type { SampledSoftmax } from './loss-options.ts';

/** Draws of a negative for BPR before a user is taken to have met nearly everything. */
const TRIES = 16;

/** Draws items that stand for all those that a user did not choose. */
export class Negatives {
  readonly #rng: Rng;
  readonly #items: number;
  /** Running sums of the weights with which items are drawn, if not uniformly. */
  readonly #sums: Float64Array | undefined;

  /** @param counts of each item, ≥ 0 */
  constructor(rng: Rng, counts: ArrayLike<number>, items: number, popularity: number) {
    this.#rng = rng;
    this.#items = items;
    if (popularity === 0) return;
    this.#sums = new Float64Array(items);
    for (let item = 0, sum = 0; item < items; item++) this.#sums[item] = sum += (counts[item] + 1) ** popularity;
  }

  /** Draws samples of `size`, and their shifts: −ln of how often each item is expected in its sample; zeros without `logQ`. */
  sample({ logQ }: SampledSoftmax, size: number, into: Int32Array, shifts: Float32Array): void {
    for (let j = 0; j < into.length; j++) {
      into[j] = this.#draw();
      shifts[j] = logQ ? -Math.log(size * this.#probability(into[j])) : 0;
    }
  }

  /** An item other than `item` that the user has not met, each equally likely; `item` where none turns up. */
  other(item: number, met: (item: number) => boolean): number {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const other = this.#rng.int(this.#items);
      if (other !== item && !met(other)) return other;
    }
    return item;
  }

  #draw(): number {
    if (!this.#sums) return this.#rng.int(this.#items);
    const wanted = this.#rng.next() * this.#sums[this.#items - 1];
    let [low, high] = [0, this.#items - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #probability(item: number): number {
    if (!this.#sums) return 1 / this.#items;
    return (this.#sums[item] - (item === 0 ? 0 : this.#sums[item - 1])) / this.#sums[this.#items - 1];
  }
}
