import { grown } from '@tandem-rec/compute';
import { savedArray, type NamedArray, type State, type Timelines } from '@tandem-rec/contract';

/** Who met what so far, by arrival. Memory: 8 bytes an event; one that is repeated counts until the next `lists`. */
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

  /** Lists of items by user, users below `users`, items below `items`: each item once, where it was met first. Repetitions are forgotten. */
  lists(users: number, items: number): Pick<Timelines, 'offsets' | 'items'> {
    const offsets = new Int32Array(users + 1);
    for (let e = 0; e < this.#size; e++) offsets[this.#users[e] + 1]++;
    for (let user = 0; user < users; user++) offsets[user + 1] += offsets[user];
    const next = offsets.slice();
    const all = new Int32Array(this.#size);
    for (let e = 0; e < this.#size; e++) all[next[this.#users[e]]++] = this.#items[e];
    const lists = withoutRepetitions({ offsets, items: all }, items);
    if (lists.items.length < this.#size) this.assign(lists);
    return lists;
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

function withoutRepetitions(
  { offsets, items }: Pick<Timelines, 'offsets' | 'items'>,
  width: number,
): Pick<Timelines, 'offsets' | 'items'> {
  const lastListWith = new Int32Array(width).fill(-1);
  const starts = new Int32Array(offsets.length);
  let size = 0;
  for (let list = 0; list + 1 < offsets.length; list++) {
    for (let at = offsets[list]; at < offsets[list + 1]; at++) {
      const item = items[at];
      if (lastListWith[item] === list) continue;
      lastListWith[item] = list;
      items[size++] = item;
    }
    starts[list + 1] = size;
  }
  return { offsets: starts, items: items.subarray(0, size) };
}
