import { savedArray, type Rng, type State } from '@tandem-rec/contract';
import type { BatchBuilder } from './batch-builder.ts';
import { savedNumber } from './saved-number.ts';

/**
 * The learned events that replay draws from: a ring of the newest `capacity`. An event is kept as (user, item, its place
 * in the user's history, value, time), so that it is replayed with the history it had then. Costs 24 bytes an event.
 */
export class EventMemory {
  readonly capacity: number;
  users = new Int32Array(0);
  items = new Int32Array(0);
  positions = new Int32Array(0);
  values = new Float32Array(0);
  times = new Float64Array(0);
  #added = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Events to draw from. */
  get size(): number {
    return Math.min(this.#added, this.capacity);
  }

  add(user: number, item: number, position: number, value: number, atMs: number): void {
    const slot = this.#added++ % this.capacity;
    if (slot >= this.users.length) this.#grow(Math.min(this.capacity, Math.max(1024, this.users.length * 2)));
    this.users[slot] = user;
    this.items[slot] = item;
    this.positions[slot] = position;
    this.values[slot] = value;
    this.times[slot] = atMs;
  }

  /** A slot, uniform over the events kept. Only when `size` > 0. */
  draw(rng: Rng): number {
    return rng.int(this.size);
  }

  /** Adds an event that is drawn to a batch, after the fresh ones. Only when `size` > 0. */
  replay(rng: Rng, batch: BatchBuilder): void {
    const slot = this.draw(rng);
    const [user, item, position] = [this.users[slot], this.items[slot], this.positions[slot]];
    batch.add(user, item, position, this.values[slot], this.times[slot], false);
  }

  save(): State {
    const size = this.size;
    const array = (name: string, data: Int32Array | Float32Array | Float64Array) =>
      ({ name, shape: [size], owner: 'user', data: data.subarray(0, size) }) as const;
    return {
      version: 1,
      arrays: [
        array('users', this.users),
        array('items', this.items),
        array('positions', this.positions),
        array('values', this.values),
        array('times', this.times),
      ],
      values: { added: this.#added },
    };
  }

  load(state: State): void {
    this.users = savedArray(state, 'users', Int32Array).slice();
    this.items = savedArray(state, 'items', Int32Array).slice();
    this.positions = savedArray(state, 'positions', Int32Array).slice();
    this.values = savedArray(state, 'values', Float32Array).slice();
    this.times = savedArray(state, 'times', Float64Array).slice();
    this.#added = savedNumber(state, 'added');
  }

  #grow(length: number): void {
    const copy = <T extends Int32Array | Float32Array | Float64Array>(from: T): T => {
      const larger = new (from.constructor as new (length: number) => T)(length);
      larger.set(from);
      return larger;
    };
    this.users = copy(this.users);
    this.items = copy(this.items);
    this.positions = copy(this.positions);
    this.values = copy(this.values);
    this.times = copy(this.times);
  }
}
