import type { Batch, UserContexts } from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';
import type { UserHistories } from './user-histories.ts';

/**
 * Fills batches into arrays that are used again: a batch is valid until the next `begin`.
 * Histories come from the one place that keeps them, at the position each event had.
 */
export class BatchBuilder {
  readonly #histories: UserHistories;
  readonly #limit: number;
  #size = 0;
  #fresh = 0;
  #used = 0;
  #users = new Int32Array(0);
  #items = new Int32Array(0);
  #positions = new Int32Array(0);
  #values = new Float32Array(0);
  #times = new Float64Array(0);
  #offsets = new Int32Array(1);
  #history = new Int32Array(0);

  /** `limit`: most history items a row is handed. */
  constructor(histories: UserHistories, limit: number) {
    this.#histories = histories;
    this.#limit = limit;
  }

  begin(): void {
    this.#size = 0;
    this.#fresh = 0;
    this.#used = 0;
  }

  /** Adds an event as it stood when the user had `position` interactions. Fresh events come first. */
  add(user: number, item: number, position: number, value: number, atMs: number, fresh: boolean): void {
    const row = this.#size++;
    if (fresh) this.#fresh = this.#size;
    this.#users = grown(this.#users, this.#size);
    this.#items = grown(this.#items, this.#size);
    this.#positions = grown(this.#positions, this.#size);
    this.#values = grown(this.#values, this.#size);
    this.#times = grown(this.#times, this.#size);
    this.#offsets = grown(this.#offsets, this.#size + 1);
    this.#history = grown(this.#history, this.#used + Math.min(position, this.#limit));
    this.#users[row] = user;
    this.#items[row] = item;
    this.#positions[row] = position;
    this.#values[row] = value;
    this.#times[row] = atMs;
    this.#offsets[row] = this.#used;
    this.#used += this.#histories.newestFirst(user, position, this.#limit, this.#history, this.#used);
    this.#offsets[this.#size] = this.#used;
  }

  get size(): number {
    return this.#size;
  }

  batch(sequence: number): Batch {
    const size = this.#size;
    return {
      ...this.contexts(),
      items: this.#items.subarray(0, size),
      values: this.#values.subarray(0, size),
      fresh: this.#fresh,
      sequence,
    };
  }

  contexts(): UserContexts {
    return {
      size: this.#size,
      users: this.#users.subarray(0, this.#size),
      positions: this.#positions.subarray(0, this.#size),
      atMs: this.#times.subarray(0, this.#size),
      history: { offsets: this.#offsets.subarray(0, this.#size + 1), items: this.#history.subarray(0, this.#used) },
    };
  }
}
