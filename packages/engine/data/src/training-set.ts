import type { Batch, GivenPart, Interactions, Rows, Timelines } from '@tandem-rec/contract';

import type { Split } from './split.ts';
import { timelines } from './timelines.ts';

/**
 * The training part of a split as models see it: each event with what its user did before it in the same part, and
 * nothing later. Positions follow time where the dataset has times, else users.
 *
 * The arrays of a batch are reused by the next one: copy what must outlive it.
 */
export class TrainingSet implements Interactions {
  readonly size: number;
  readonly users: number;
  readonly items: number;
  readonly timelines: Timelines;
  /** Where the events of `timelines` stand in the order of training data: what `batch` asks for them by. */
  readonly positions: Int32Array;
  readonly #slotAt: Int32Array;
  readonly #slotUsers: Rows;
  readonly #slotItems: Rows;
  readonly #slotValues: Float32Array;
  readonly #slotAtMs: Float64Array;
  readonly #firstSlot: Int32Array;
  readonly #limit: number;
  #buffers: Buffers | undefined;
  #historyItems: Rows = new Int32Array(0);
  #sequence = 0;

  /**
   * @param historyLimit most items of a history, ≥ 1
   * @param parts what to learn from; default: `train`
   */
  constructor(split: Split, historyLimit: number, parts: readonly GivenPart[] = ['train']) {
    const { table } = split;
    const { offsets, events } = timelines(table, eventsOf(split, parts));
    this.size = events.length;
    this.users = split.users;
    this.items = split.items;
    this.#limit = historyLimit;
    this.#firstSlot = offsets;
    this.#slotUsers = events.map((event) => table.users[event]);
    this.#slotItems = events.map((event) => table.items[event]);
    this.#slotValues = Float32Array.from(events, (event) => table.values[event]);
    this.#slotAtMs = Float64Array.from(events, (event) => table.atMs[event]);
    this.timelines = { offsets, items: this.#slotItems, values: this.#slotValues, atMs: this.#slotAtMs };
    this.#slotAt = events.map((_, slot) => slot);
    if (table.chronology === 'time')
      this.#slotAt.sort((a, b) => table.atMs[events[a]] - table.atMs[events[b]] || events[a] - events[b]);
    this.positions = new Int32Array(this.size);
    this.#slotAt.forEach((slot, position) => (this.positions[slot] = position));
  }

  /** The events at these positions with their histories then, newest first. `sequence` counts what was handed out before. */
  batch(order: Int32Array): Batch {
    const size = order.length;
    const { users, items, values, atMs, positions, offsets } = this.#reserve(size);
    let length = 0;
    for (let b = 0; b < size; b++) {
      const slot = this.#slotAt[order[b]];
      if (slot === undefined) throw new RangeError(`Position ${order[b]} of ${this.size} events.`);
      const user = this.#slotUsers[slot];
      users[b] = user;
      items[b] = this.#slotItems[slot];
      values[b] = this.#slotValues[slot];
      atMs[b] = this.#slotAtMs[slot];
      positions[b] = slot - this.#firstSlot[user];
      length += Math.min(positions[b], this.#limit);
      offsets[b + 1] = length;
    }
    const history = this.#histories(length);
    for (let b = 0, at = 0; b < size; b++) {
      let slot = this.#firstSlot[users[b]] + positions[b];
      while (at < offsets[b + 1]) history[at++] = this.#slotItems[--slot];
    }
    const sequence = this.#sequence;
    this.#sequence += size;
    return { size, users, items, values, atMs, positions, history: { offsets, items: history }, fresh: size, sequence };
  }

  #reserve(size: number): Buffers {
    if (this.#buffers?.users.length !== size) this.#buffers = buffersFor(size);
    return this.#buffers!;
  }

  #histories(length: number): Rows {
    if (this.#historyItems.length < length) this.#historyItems = new Int32Array(length * 2);
    return this.#historyItems.subarray(0, length);
  }
}

/** The events of some parts of a split. */
export function eventsOf(split: Split, parts: readonly GivenPart[]): Int32Array {
  const events = new Int32Array(parts.reduce((length, part) => length + split[part].length, 0));
  parts.reduce((at, part) => (events.set(split[part], at), at + split[part].length), 0);
  return events;
}

interface Buffers {
  readonly users: Rows;
  readonly items: Rows;
  readonly values: Float32Array;
  readonly atMs: Float64Array;
  readonly positions: Int32Array;
  readonly offsets: Int32Array;
}

function buffersFor(size: number): Buffers {
  return {
    users: new Int32Array(size),
    items: new Int32Array(size),
    values: new Float32Array(size),
    atMs: new Float64Array(size),
    positions: new Int32Array(size),
    offsets: new Int32Array(size + 1),
  };
}
