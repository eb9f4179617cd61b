import { savedArray, type Batch, type NamedArray } from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';

/** The newest items of each user, for whoever asks about users without bringing their pasts. */
export class Pasts {
  readonly #window: number;
  #users = 0;
  /** `users × (1 + window)`: the position of the newest event, then the items, newest first; −1 where there is none. */
  #rows = new Int32Array(0);

  constructor(window: number) {
    this.#window = window;
  }

  /** Takes over what is newer than what is known: training data may come in any order, and more than once. */
  add({ size, users, items, positions, history }: Batch): void {
    for (let b = 0; b < size; b++) {
      this.#grow(users[b] + 1);
      const at = users[b] * (1 + this.#window);
      if (positions[b] < this.#rows[at]) continue;
      const past = [items[b], ...history.items.subarray(history.offsets[b], history.offsets[b + 1])];
      this.#rows[at] = positions[b];
      for (let k = 0; k < this.#window; k++) this.#rows[at + 1 + k] = past[k] ?? -1;
    }
  }

  of(user: number): Int32Array {
    if (user < 0 || user >= this.#users) return new Int32Array(0);
    const at = user * (1 + this.#window) + 1;
    return this.#rows.slice(at, at + this.#window).filter((item) => item >= 0);
  }

  save(): NamedArray[] {
    const width = 1 + this.#window;
    return [
      { name: 'pasts', shape: [this.#users, width], owner: 'user', data: this.#rows.subarray(0, this.#users * width) },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[]): void {
    const width = 1 + this.#window;
    this.#rows = savedArray({ arrays }, 'pasts', Int32Array, [-1, width]).slice();
    this.#users = this.#rows.length / width;
  }

  #grow(users: number): void {
    if (users <= this.#users) return;
    const width = 1 + this.#window;
    this.#rows = grown(this.#rows, users * width);
    this.#rows.fill(-1, this.#users * width, users * width);
    this.#users = users;
  }
}
