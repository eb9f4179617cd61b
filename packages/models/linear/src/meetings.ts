import { grown } from '@tandem-rec/compute';
import { savedArray, TandemError, type NamedArray, type Rows, type State, type Timelines } from '@tandem-rec/contract';
import { readSize } from './read-size.ts';

/** Who met what, in order of arrival: the edges of the graph. */
export class Meetings {
  size = 0;
  #users = new Int32Array(0);
  #items = new Int32Array(0);

  add(user: number, item: number): void {
    this.#users = grown(this.#users, this.size + 1);
    this.#items = grown(this.#items, this.size + 1);
    this.#users[this.size] = user;
    this.#items[this.size++] = item;
  }

  /** Those of whole timelines instead. */
  take({ offsets, items }: Timelines): void {
    this.size = items.length;
    this.#items = Int32Array.from(items);
    this.#users = new Int32Array(items.length);
    for (let user = 0; user + 1 < offsets.length; user++) this.#users.fill(user, offsets[user], offsets[user + 1]);
  }

  /** The first `count` by user, as ragged lists. */
  lists(count: number): { readonly offsets: Int32Array; readonly items: Rows; readonly itemCount: number } {
    const [users, items] = [this.#users.subarray(0, count), this.#items.subarray(0, count)];
    const offsets = new Int32Array(highest(users) + 2);
    for (const user of users) offsets[user + 1]++;
    for (let user = 1; user < offsets.length; user++) offsets[user] += offsets[user - 1];
    const next = offsets.slice();
    const ordered = new Int32Array(count);
    for (let k = 0; k < count; k++) ordered[next[users[k]]++] = items[k];
    return { offsets, items: ordered, itemCount: highest(items) + 1 };
  }

  save(): { readonly arrays: NamedArray[]; readonly values: { readonly meetings: number } } {
    const of = (name: string, data: Int32Array): NamedArray => ({
      name,
      shape: [this.size],
      owner: 'user',
      data: data.subarray(0, this.size),
    });
    return {
      arrays: [of('meetings/users', this.#users), of('meetings/items', this.#items)],
      values: { meetings: this.size },
    };
  }

  load(state: State): void {
    const size = readSize(state, 'meetings');
    const [users, items] = ['meetings/users', 'meetings/items'].map((name) =>
      savedArray(state, name, Int32Array, [size]).slice(),
    );
    if (users.some((row) => row < 0) || items.some((row) => row < 0))
      throw new TandemError('TANDEM_STATE_MISMATCH', 'The saved meetings have rows below zero.');
    [this.size, this.#users, this.#items] = [size, users, items];
  }
}

/** −1 of nothing. */
function highest(rows: Rows): number {
  let most = -1;
  for (const row of rows) most = Math.max(most, row);
  return most;
}
