import { savedArray, type State } from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';

/**
 * Who met what, in order: one growing list of item rows per user. The list is complete, since ranking masks all of a
 * user's items; participants are handed the newest `limit` only. Costs 4 bytes an interaction.
 */
export class UserHistories {
  #lists: Int32Array[] = [];
  #lengths = new Int32Array(16);
  #users = 0;

  /** Users with a list; rows are `0 … users - 1`. */
  get users(): number {
    return this.#users;
  }

  /** Interactions of a user so far. */
  length(user: number): number {
    return this.#has(user) ? this.#lengths[user] : 0;
  }

  /** The item at a position of a user's list, oldest first. */
  at(user: number, position: number): number {
    return this.#lists[user][position];
  }

  append(user: number, item: number): void {
    this.#ensure(user + 1);
    const length = this.#lengths[user]++;
    const list = (this.#lists[user] = grown(this.#lists[user], length + 1));
    list[length] = item;
  }

  /**
   * Copies the items before `position` into `into`, newest first, at most `limit`.
   * Returns how many. `into` must have room for them from `offset` on.
   */
  newestFirst(user: number, position: number, limit: number, into: Int32Array, offset: number): number {
    if (!this.#has(user)) return 0;
    const list = this.#lists[user];
    const count = Math.min(position, limit);
    for (let k = 0; k < count; k++) into[offset + k] = list[position - 1 - k];
    return count;
  }

  /** True if the item is among the first `position` items of a user. */
  hasBefore(user: number, position: number, item: number): boolean {
    if (!this.#has(user)) return false;
    const list = this.#lists[user];
    let k = 0;
    while (k < position && list[k] !== item) k++;
    return k < position;
  }

  /** The first `position` items of a user, a view that stays valid until the next `append`. */
  before(user: number, position: number): Int32Array {
    return this.#has(user) ? this.#lists[user].subarray(0, position) : EMPTY;
  }

  save(): State {
    const offsets = new Int32Array(this.#users + 1);
    for (let user = 0; user < this.#users; user++) offsets[user + 1] = offsets[user] + this.#lengths[user];
    const items = new Int32Array(offsets[this.#users]);
    for (let user = 0; user < this.#users; user++)
      items.set(this.#lists[user].subarray(0, this.#lengths[user]), offsets[user]);
    return {
      version: 1,
      arrays: [
        { name: 'offsets', shape: [offsets.length], owner: 'user', data: offsets },
        { name: 'items', shape: [items.length], owner: 'user', data: items },
      ],
      values: {},
    };
  }

  load(state: State): void {
    const offsets = savedArray(state, 'offsets', Int32Array);
    const items = savedArray(state, 'items', Int32Array);
    this.#lists = [];
    this.#users = 0;
    this.#ensure(offsets.length - 1);
    for (let user = 0; user < this.#users; user++) {
      this.#lists[user] = items.slice(offsets[user], offsets[user + 1]);
      this.#lengths[user] = this.#lists[user].length;
    }
  }

  #has(user: number): boolean {
    return user >= 0 && user < this.#users;
  }

  #ensure(users: number): void {
    if (users <= this.#users) return;
    this.#lengths = grown(this.#lengths, users);
    for (let user = this.#users; user < users; user++) {
      this.#lists.push(EMPTY);
      this.#lengths[user] = 0;
    }
    this.#users = users;
  }
}

const EMPTY = new Int32Array(0);
