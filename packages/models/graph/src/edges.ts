import { grown } from '@tandem-rec/compute';
import { savedArray, type NamedArray, type State, type Timelines } from '@tandem-rec/contract';

/** Who met what so far. Memory: 8 bytes an event. */
export class Edges {
  #users = new Int32Array(0);
  #items = new Int32Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(user: number, item: number): void {
    this.#users = grown(this.#users, this.#size + 1);
    this.#items = grown(this.#items, this.#size + 1);
    this.#users[this.#size] = user;
    this.#items[this.#size++] = item;
  }

  /** These events and no others. */
  assign({ offsets, items }: Pick<Timelines, 'offsets' | 'items'>): void {
    this.#size = items.length;
    this.#items = items.slice();
    this.#users = new Int32Array(items.length);
    for (let user = 0; user + 1 < offsets.length; user++) this.#users.fill(user, offsets[user], offsets[user + 1]);
  }

  /** Lists of items by user, users below `users`. */
  lists(users: number): Pick<Timelines, 'offsets' | 'items'> {
    const offsets = new Int32Array(users + 1);
    for (let e = 0; e < this.#size; e++) offsets[this.#users[e] + 1]++;
    for (let user = 0; user < users; user++) offsets[user + 1] += offsets[user];
    const next = offsets.slice();
    const items = new Int32Array(this.#size);
    for (let e = 0; e < this.#size; e++) items[next[this.#users[e]]++] = this.#items[e];
    return { offsets, items };
  }

  save(): NamedArray[] {
    const [users, items] = [this.#users, this.#items].map((array) => array.subarray(0, this.#size));
    return [
      { name: 'edges/users', shape: [this.#size], owner: 'common', data: users },
      { name: 'edges/items', shape: [this.#size], owner: 'common', data: items },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    const users = savedArray(state, 'edges/users', Int32Array).slice();
    const items = savedArray(state, 'edges/items', Int32Array, [users.length]).slice();
    [this.#users, this.#items, this.#size] = [users, items, users.length];
  }
}
