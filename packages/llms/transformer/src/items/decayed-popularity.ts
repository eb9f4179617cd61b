import { savedArray, type NamedArray } from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';

/** What an item counts that nobody has met. */
const UNSEEN = 0.3;

/** How often items were met lately: each event counts one and halves with every `halfLife` events that follow. */
export class DecayedPopularity {
  readonly #decay: number;
  #counts = new Float32Array(0);
  #rows = 0;

  /** `halfLife` in events. */
  constructor(halfLife: number) {
    this.#decay = 0.5 ** (1 / halfLife);
  }

  /** `log(count + 0.3) − log 0.3` of each row: zero for what nobody has met. */
  logs(rows: Int32Array, into: Float32Array): void {
    for (let i = 0; i < rows.length; i++)
      into[i] = Math.log((rows[i] < this.#rows ? this.#counts[rows[i]] : 0) / UNSEEN + 1);
  }

  /** Counts the first `count` of `items`. */
  add(items: Int32Array, count: number): void {
    const fade = this.#decay ** count;
    for (let row = 0; row < this.#rows; row++) this.#counts[row] *= fade;
    for (let i = 0; i < count; i++) {
      if (items[i] >= this.#rows) {
        this.#counts = grown(this.#counts, items[i] + 1);
        this.#rows = items[i] + 1;
      }
      this.#counts[items[i]]++;
    }
  }

  save(): NamedArray[] {
    return [{ name: 'popularity', shape: [this.#rows], owner: 'item', data: this.#counts.subarray(0, this.#rows) }];
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[]): void {
    this.#counts = savedArray({ arrays }, 'popularity', Float32Array, [-1]).slice();
    this.#rows = this.#counts.length;
  }
}
