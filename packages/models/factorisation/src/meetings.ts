import { grown } from '@tandem-rec/compute';
import { savedArray, type NamedArray, type Rows, type State, type Timelines } from '@tandem-rec/contract';

/** Rows with what each of them met: row r of the asked has `items[offsets[r] … offsets[r + 1])`. */
export interface Lists {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** Who met what, from either side, growing event by event: 16 bytes an event. */
export class Meetings {
  #size = 0;
  readonly #sides = { user: new Chain(), item: new Chain() };

  get size(): number {
    return this.#size;
  }

  add(user: number, item: number): void {
    this.#sides.user.add(this.#size, user);
    this.#sides.item.add(this.#size, item);
    this.#size++;
  }

  /** Forgets what it has and takes these. */
  replace({ offsets, items }: Timelines): void {
    this.clear();
    for (let user = 0; user + 1 < offsets.length; user++)
      for (let at = offsets[user]; at < offsets[user + 1]; at++) this.add(user, items[at]);
  }

  clear(): void {
    this.#size = 0;
    for (const chain of Object.values(this.#sides)) chain.clear();
  }

  /** What each of these rows met, newest first. */
  of(side: 'user' | 'item', rows: Rows): Lists {
    const chain = this.#sides[side];
    const { rows: others } = this.#sides[side === 'user' ? 'item' : 'user'];
    const offsets = new Int32Array(rows.length + 1);
    for (let k = 0; k < rows.length; k++) offsets[k + 1] = offsets[k] + chain.count(rows[k]);
    const items = new Int32Array(offsets[rows.length]);
    for (let k = 0, at = 0; k < rows.length; k++)
      for (let event = chain.newest(rows[k]); event >= 0; event = chain.before[event]) items[at++] = others[event];
    return { offsets, items };
  }

  save(): NamedArray[] {
    const { user, item } = this.#sides;
    return [
      { name: 'meetings/users', shape: [this.#size], owner: 'common', data: user.rows.subarray(0, this.#size) },
      { name: 'meetings/items', shape: [this.#size], owner: 'common', data: item.rows.subarray(0, this.#size) },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    const users = savedArray(state, 'meetings/users', Int32Array).slice();
    const items = savedArray(state, 'meetings/items', Int32Array, [users.length]).slice();
    this.clear();
    for (let event = 0; event < users.length; event++) this.add(users[event], items[event]);
  }
}

/** The events of each row of one side, linked from the newest back. */
class Chain {
  /** The row of each event. */
  rows = new Int32Array(0);
  /** The event of the same row before each, or −1. */
  before = new Int32Array(0);
  /** By row, the newest event + 1: 0 where there is none. */
  #last = new Int32Array(0);
  #counts = new Int32Array(0);

  add(event: number, row: number): void {
    this.rows = grown(this.rows, event + 1);
    this.before = grown(this.before, event + 1);
    this.#last = grown(this.#last, row + 1);
    this.#counts = grown(this.#counts, row + 1);
    this.rows[event] = row;
    this.before[event] = this.#last[row] - 1;
    this.#last[row] = event + 1;
    this.#counts[row]++;
  }

  newest(row: number): number {
    return (this.#last[row] ?? 0) - 1;
  }

  count(row: number): number {
    return this.#counts[row] ?? 0;
  }

  clear(): void {
    this.#last.fill(0);
    this.#counts.fill(0);
  }
}
