import { savedArray, type NamedArray, type State } from '@tandem-rec/contract';

const SMALLEST = 8;

/**
 * A sparse matrix that grows by one number at a time: each row is a list of (column, weight) in one pool, with an
 * open-addressing index beside it, twice as long as the list may get. A full list moves to a block of twice the size; blocks left behind are
 * used again. Lists are bounded: beyond `limit` the weakest quarter goes.
 */
export class NeighbourLists {
  readonly #limit: number;
  /** Rows that may have a list: rows below this number can be looked up in `starts` and `lengths`. */
  rows = 0;
  /** Where a row's list begins in the pool; its entries are contiguous. */
  starts = new Int32Array(0);
  lengths = new Int32Array(0);
  columns = new Int32Array(0);
  weights = new Float32Array(0);
  /** Room of each row's block: 0 or SMALLEST · 2^j. */
  #room = new Int32Array(0);
  /** A block's index begins at twice its start: 1 + position of the entry within the list, 0 where free. */
  #index = new Int32Array(0);
  #used = 0;
  /** Starts of abandoned blocks by log2 of their room. */
  #free: number[][] = [];

  /** @param limit entries a row, ≥ SMALLEST */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `matrix[row, column] += weight`. */
  add(row: number, column: number, weight: number): void {
    if (row >= this.rows) this.#addRows(row + 1);
    if (this.#room[row] === 0) this.#move(row, SMALLEST);
    const slot = this.#find(row, column);
    const entry = this.#index[slot];
    if (entry > 0) {
      this.weights[this.starts[row] + entry - 1] += weight;
      return;
    }
    if (this.lengths[row] === Math.min(this.#limit, this.#room[row])) {
      if (this.#room[row] < this.#limit) this.#move(row, this.#room[row] * 2);
      else this.#prune(row);
      this.#append(row, this.#find(row, column), column, weight);
    } else this.#append(row, slot, column, weight);
  }

  save(): NamedArray[] {
    const entries = this.lengths.subarray(0, this.rows).reduce((sum, length) => sum + length, 0);
    const columns = new Int32Array(entries);
    const weights = new Float32Array(entries);
    for (let row = 0, at = 0; row < this.rows; at += this.lengths[row++]) {
      const end = this.starts[row] + this.lengths[row];
      columns.set(this.columns.subarray(this.starts[row], end), at);
      weights.set(this.weights.subarray(this.starts[row], end), at);
    }
    return [
      { name: 'neighbours/lengths', shape: [this.rows], owner: 'item', data: this.lengths.slice(0, this.rows) },
      { name: 'neighbours/columns', shape: [entries], owner: 'item', data: columns },
      { name: 'neighbours/weights', shape: [entries], owner: 'item', data: weights },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    const lengths = savedArray(state, 'neighbours/lengths', Int32Array);
    const entries = lengths.reduce((sum, length) => sum + length, 0);
    const columns = savedArray(state, 'neighbours/columns', Int32Array, [entries]);
    const weights = savedArray(state, 'neighbours/weights', Float32Array, [entries]);

    this.#room.fill(0);
    this.lengths.fill(0);
    this.#used = 0;
    this.#free = [];
    this.rows = 0;
    this.#addRows(lengths.length);
    for (let row = 0, from = 0; row < lengths.length; row++) {
      if (lengths[row] === 0) continue;
      let room = SMALLEST;
      while (room < lengths[row]) room *= 2;
      this.#move(row, room);
      for (const end = from + lengths[row]; from < end; from++)
        this.#append(row, this.#find(row, columns[from]), columns[from], weights[from]);
    }
  }

  /** The index slot that holds the column, or the free one where it belongs. */
  #find(row: number, column: number): number {
    const start = this.starts[row];
    const mask = this.#room[row] * 2 - 1;
    let slot = Math.imul(column, 0x9e3779b1) >>> 7;
    for (;;) {
      const at = start * 2 + (slot & mask);
      const entry = this.#index[at];
      if (entry === 0 || this.columns[start + entry - 1] === column) return at;
      slot++;
    }
  }

  #append(row: number, slot: number, column: number, weight: number): void {
    const length = ++this.lengths[row];
    const at = this.starts[row] + length - 1;
    this.columns[at] = column;
    this.weights[at] = weight;
    this.#index[slot] = length;
  }

  /** Moves a row's list to a block of `room` entries. */
  #move(row: number, room: number): void {
    const from = this.starts[row];
    const to = this.#allocate(room);
    const length = this.lengths[row];
    this.columns.copyWithin(to, from, from + length);
    this.weights.copyWithin(to, from, from + length);
    if (this.#room[row] > 0) (this.#free[Math.log2(this.#room[row])] ??= []).push(from);
    this.starts[row] = to;
    this.#room[row] = room;
    this.#reindex(row);
  }

  /** Keeps the strongest three quarters, in their order; of equal weights the older ones. */
  #prune(row: number): void {
    const start = this.starts[row];
    const length = this.lengths[row];
    const keep = Math.floor(length * 0.75);
    const threshold = this.weights.slice(start, start + length).sort()[length - keep];
    let ties = keep;
    for (let i = start; i < start + length; i++) if (this.weights[i] > threshold) ties--;
    let to = start;
    for (let i = start; i < start + length; i++) {
      const weight = this.weights[i];
      if (weight < threshold || (weight === threshold && ties-- <= 0)) continue;
      this.columns[to] = this.columns[i];
      this.weights[to++] = weight;
    }
    this.lengths[row] = to - start;
    this.#reindex(row);
  }

  #reindex(row: number): void {
    const start = this.starts[row];
    this.#index.fill(0, start * 2, (start + this.#room[row]) * 2);
    for (let i = 0; i < this.lengths[row]; i++) this.#index[this.#find(row, this.columns[start + i])] = i + 1;
  }

  #allocate(room: number): number {
    const reused = this.#free[Math.log2(room)]?.pop();
    if (reused !== undefined) return reused;
    const start = this.#used;
    this.#used += room;
    if (this.#used > this.columns.length) {
      const length = Math.max(this.#used, this.columns.length * 2, 1024);
      this.columns = lengthened(this.columns, length);
      this.weights = lengthened(this.weights, length);
      this.#index = lengthened(this.#index, length * 2);
    }
    return start;
  }

  #addRows(rows: number): void {
    if (rows > this.starts.length) {
      const length = Math.max(rows, this.starts.length * 2);
      this.starts = lengthened(this.starts, length);
      this.lengths = lengthened(this.lengths, length);
      this.#room = lengthened(this.#room, length);
    }
    this.rows = Math.max(rows, this.rows);
  }
}

function lengthened<T extends Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>(array: T, length: number): T {
  const longer = new (array.constructor as new (length: number) => T)(length);
  longer.set(array);
  return longer;
}
