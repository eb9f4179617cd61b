import { savedArray, type NamedArray, type State } from '@tandem-rec/contract';
import { restore } from './restore.ts';

/** 2^512 is where the oldest unit is set anew: far from overflow, and rare. */
const RENEW_AT = 512;

/**
 * Counts that fade: what happened `halfLife` ago counts half. Nothing is recomputed as time passes: the newer an
 * event, the larger its weight, and all counts are read relative to now.
 */
export class DecayedCounts {
  readonly #halfLife: number;
  #counts = new Float64Array(0);
  #rows = 0;
  /** Reference (where an event weighs 1), now, and the sum of all counts. */
  readonly #clock = new Float64Array(3);
  #started = false;

  /** `halfLife` in the unit of `at`: events, milliseconds … */
  constructor(halfLife: number) {
    this.#halfLife = halfLife;
  }

  /** The latest `at`, 0 before the first. */
  get now(): number {
    return this.#clock[1];
  }

  /** Sum over all rows, now. */
  get total(): number {
    return this.#clock[2] * this.#scale();
  }

  /** Counts one event of a row. Late ones (`at` before now) count as if they had come in time, and those whose `at` is no number as if they came now. */
  add(row: number, at: number): void {
    if (!Number.isFinite(at)) at = this.now;
    if (!this.#started) {
      this.#started = true;
      this.#clock[0] = this.#clock[1] = at;
    }
    if (at > this.#clock[1]) this.#clock[1] = at;
    if ((this.#clock[1] - this.#clock[0]) / this.#halfLife > RENEW_AT) this.#renew();
    if (row >= this.#rows) this.#grow(row + 1);
    const weight = 2 ** ((at - this.#clock[0]) / this.#halfLife);
    this.#counts[row] += weight;
    this.#clock[2] += weight;
  }

  /** Writes the counts of these rows as they are now: 0 for what was never seen. */
  read(rows: Int32Array, into: Float32Array): void {
    const scale = this.#scale();
    for (let i = 0; i < rows.length; i++) into[i] = rows[i] < this.#rows ? this.#counts[rows[i]] * scale : 0;
  }

  save(): NamedArray[] {
    return [
      { name: 'counts', shape: [this.#rows], owner: 'item', data: this.#counts.subarray(0, this.#rows) },
      { name: 'counts/clock', shape: [3], owner: 'common', data: this.#clock },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    const saved = savedArray(state, 'counts', Float64Array);
    this.#rows = 0;
    this.#grow(saved.length);
    this.#counts.set(saved);
    restore(state, 'counts/clock', this.#clock);
    this.#started = saved.length > 0;
  }

  #scale(): number {
    return 2 ** ((this.#clock[0] - this.#clock[1]) / this.#halfLife);
  }

  #renew(): void {
    const scale = this.#scale();
    for (let row = 0; row < this.#rows; row++) this.#counts[row] *= scale;
    this.#clock[2] *= scale;
    this.#clock[0] = this.#clock[1];
  }

  #grow(rows: number): void {
    if (rows > this.#counts.length) {
      const larger = new Float64Array(Math.max(rows, this.#counts.length * 2));
      larger.set(this.#counts.subarray(0, this.#rows));
      this.#counts = larger;
    } else this.#counts.fill(0, this.#rows, rows);
    this.#rows = rows;
  }
}
