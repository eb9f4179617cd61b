import type { RowSegments } from './row-segments.ts';
import type { SegmentOptimiser } from './row-optimiser.ts';

/** Steps that a row coasts for; in the last of them it goes the rest of its way. */
const STEPS = 16;

/**
 * Dense Adam for a table of which a step touches few rows: a row without a gradient goes on by its momentum for some steps, the
 * last of which takes it where all that would follow had taken it, and then rests. Its second moment fades by the steps of
 * the table, also while it rests. Bias is corrected by the steps of the table too.
 *
 * It is the dense method but for ε, for the timing of a coasting row's last bit of way, and for the bias correction of that.
 * The cost is that of the rows touched in the last 16 steps; no row is wrong for whoever reads it meanwhile.
 */
export class Coasting {
  readonly #beta2: number;
  readonly #rest: number;
  readonly #segments: RowSegments;
  readonly #zeros: Float32Array;
  #step = 0;
  /** Rows touched in this step or in one of the `STEPS − 1` before. */
  #active: number[] = [];
  #leaving: number[] = [];

  /** The table's planes are its values, both moments, and the step in which a row was touched, 0 for never. */
  constructor(segments: RowSegments, beta1: number, beta2: number) {
    this.#segments = segments;
    this.#beta2 = beta2;
    const ratio = beta1 / Math.sqrt(beta2);
    // Σ_j ratioʲ: by how much a step is too short if no other follows.
    this.#rest = 1 / (1 - ratio);
    this.#zeros = new Float32Array(segments.widths[0]);
  }

  /** Steps so far. */
  get step(): number {
    return this.#step;
  }

  /** Begins a step in which these rows have gradients: fades the second moments of those that rested. */
  begin(touched: Int32Array): void {
    const { planes, shift, segmentRows } = this.#segments;
    const step = ++this.#step;
    for (const row of touched) {
      const before = this.#touchedAt(row);
      if (before === 0 || step - before > STEPS) this.#active.push(row);
      const rested = before === 0 ? 0 : step - 1 - before - STEPS;
      if (rested > 0) {
        const fade = this.#beta2 ** rested;
        const squares = this.#segments.view(2, row);
        for (let d = 0; d < squares.length; d++) squares[d] *= fade;
      }
      planes[3][row >> shift][row & (segmentRows - 1)] = step;
    }
  }

  /** Moves the rows that have none, after `begin`. */
  coast(optimiserOf: (row: number) => SegmentOptimiser): void {
    const mask = this.#segments.segmentRows - 1;
    const staying: number[] = [];
    this.#leaving = [];
    for (const row of this.#active) {
      const idle = this.#step - this.#touchedAt(row);
      (idle < STEPS ? staying : this.#leaving).push(row);
      if (idle > 0) optimiserOf(row).add(row & mask, this.#zeros, 0, idle < STEPS ? 1 : this.#rest);
    }
    this.#active = staying;
  }

  /** Ends a step, when all rows have moved: what has gone all its way has no momentum. */
  end(): void {
    for (const row of this.#leaving) this.#segments.view(1, row).fill(0);
  }

  /** Finds the steps of a restored table of so many rows. */
  restore(rows: number): void {
    this.#step = 0;
    for (let row = 0; row < rows; row++) this.#step = Math.max(this.#step, this.#touchedAt(row));
    this.#active = [];
    for (let row = 0; row < rows; row++) {
      const at = this.#touchedAt(row);
      if (at > 0 && this.#step - at < STEPS) this.#active.push(row);
    }
  }

  #touchedAt(row: number): number {
    const { planes, shift, segmentRows } = this.#segments;
    return planes[3][row >> shift][row & (segmentRows - 1)];
  }
}
