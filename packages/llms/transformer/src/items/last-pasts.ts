import { savedArray, type Batch, type NamedArray, type Rows, type UserContexts } from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';

/** The newest items of each user as last learned, for whoever asks about users without bringing their pasts. */
export class LastPasts {
  readonly #window: number;
  #users = 0;
  /** `users × window`, newest first; −1 where there is none. */
  #items = new Int32Array(0);

  constructor(window: number) {
    this.#window = window;
  }

  /** Takes over the fresh rows: each user's past is then the event's item and what came before it. */
  add({ users, items, fresh, history }: Batch): void {
    const window = this.#window;
    for (let b = 0; b < fresh; b++) {
      this.#grow(users[b] + 1);
      const at = users[b] * window;
      const from = history.offsets[b];
      const length = Math.min(window, 1 + history.offsets[b + 1] - from);
      this.#items[at] = items[b];
      for (let k = 1; k < window; k++) this.#items[at + k] = k < length ? history.items[from + k - 1] : -1;
    }
  }

  /** Users with these pasts, at no moment in particular; those never met have none. */
  contexts(rows: Rows): UserContexts {
    const window = this.#window;
    const offsets = new Int32Array(rows.length + 1);
    const items = new Int32Array(rows.length * window);
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      if (rows[i] < this.#users)
        for (let k = 0, at = rows[i] * window; k < window && this.#items[at + k] >= 0; k++)
          items[count++] = this.#items[at + k];
      offsets[i + 1] = count;
    }
    const positions = Int32Array.from(rows, (_, i) => offsets[i + 1] - offsets[i]);
    const atMs = new Float64Array(rows.length);
    return { size: rows.length, users: rows, history: { offsets, items: items.subarray(0, count) }, positions, atMs };
  }

  save(): NamedArray[] {
    return [
      {
        name: 'pasts',
        shape: [this.#users, this.#window],
        owner: 'user',
        data: this.#items.subarray(0, this.#users * this.#window),
      },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[]): void {
    this.#items = savedArray({ arrays }, 'pasts', Int32Array, [-1, this.#window]).slice();
    this.#users = this.#items.length / this.#window;
  }

  #grow(users: number): void {
    if (users <= this.#users) return;
    this.#items = grown(this.#items, users * this.#window);
    this.#items.fill(-1, this.#users * this.#window, users * this.#window);
    this.#users = users;
  }
}
