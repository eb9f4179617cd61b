import { grown } from '@tandem-rec/compute';
import type { GrantedTable, RowGradients } from '@tandem-rec/contract';

/** Rows of features for one step: linear weights w, factors v, and the gradients of both. */
export interface BankRows {
  /** One a row. */
  readonly w: Float32Array;
  /** `rows × dim`. */
  readonly v: Float32Array;
  readonly dw: Float32Array;
  readonly dv: Float32Array;
}

/** The rows of a shared table (with the table of its linear weights) that one step needs, each of them once. */
export class TableBank implements BankRows {
  w = new Float32Array(0);
  v = new Float32Array(0);
  dw = new Float32Array(0);
  dv = new Float32Array(0);
  readonly #weights: GrantedTable;
  readonly #factors: GrantedTable | undefined;
  #rows: Int32Array<ArrayBufferLike> = new Int32Array(0);
  #count = 0;
  /** By row: where it stands in this step, if it was asked for in this step. */
  #slots: Int32Array<ArrayBufferLike> = new Int32Array(0);
  #askedIn: Int32Array<ArrayBufferLike> = new Int32Array(0);
  #step = 0;

  /** Without `factors` the rows have no v: dim is 0. */
  constructor(weights: GrantedTable, factors: GrantedTable | undefined) {
    this.#weights = weights;
    this.#factors = factors;
  }

  begin(): void {
    this.#step++;
    this.#count = 0;
    this.#slots = grown(this.#slots, this.#weights.rows);
    this.#askedIn = grown(this.#askedIn, this.#weights.rows);
  }

  /** Where the row will stand. */
  slot(row: number): number {
    if (this.#askedIn[row] === this.#step) return this.#slots[row];
    this.#askedIn[row] = this.#step;
    this.#slots[row] = this.#count;
    this.#rows = grown(this.#rows, this.#count + 1);
    this.#rows[this.#count] = row;
    return this.#count++;
  }

  /** Reads the rows that were asked for since `begin`; their gradients are zero. */
  gather(): void {
    const rows = this.#rows.subarray(0, this.#count);
    const dim = this.#factors?.dim ?? 0;
    if (this.w.length < this.#count) {
      this.w = new Float32Array(2 * this.#count);
      this.dw = new Float32Array(2 * this.#count);
      this.v = new Float32Array(2 * this.#count * dim);
      this.dv = new Float32Array(2 * this.#count * dim);
    }
    this.dw.fill(0, 0, this.#count);
    this.dv.fill(0, 0, this.#count * dim);
    this.#weights.gather(rows, this.w);
    this.#factors?.gather(rows, this.v);
  }

  /** Views of the gradients. */
  gradients(): RowGradients[] {
    const rows = this.#rows.subarray(0, this.#count);
    const of = (table: GrantedTable, values: Float32Array): RowGradients => ({
      table: table.name,
      rows,
      values: values.subarray(0, this.#count * table.dim),
    });
    return [of(this.#weights, this.dw), ...(this.#factors ? [of(this.#factors, this.dv)] : [])];
  }
}
