import type { GrantedTable, RowGradients, Rows } from '@tandem-rec/contract';

/** Rows read from a table for one step, and room for their gradients. Memory grows to the largest step and stays. */
export class Gathered {
  values = new Float32Array(0);
  gradient = new Float32Array(0);
  #rows = new Int32Array(0);
  #table: GrantedTable | undefined;
  #count = 0;

  /** Width of a row. */
  get dim(): number {
    return this.#table?.dim ?? 0;
  }

  /** Room for `count` row numbers, to be filled before `gather`. */
  reserve(count: number): Rows {
    if (this.#rows.length < count) this.#rows = new Int32Array(count);
    return this.#rows.subarray(0, count);
  }

  /** Reads the rows; their gradients are zero. */
  gather(table: GrantedTable, rows: Rows): void {
    const length = rows.length * table.dim;
    this.#table = table;
    this.#count = rows.length;
    const own = this.reserve(rows.length);
    if (rows.buffer !== own.buffer) own.set(rows);
    if (this.values.length < length) {
      this.values = new Float32Array(length);
      this.gradient = new Float32Array(length);
    } else this.gradient.fill(0, 0, length);
    table.gather(own, this.values);
  }

  /** Views of what was added to `gradient` since. */
  gradients(): RowGradients {
    const { name, dim } = this.#table!;
    return {
      table: name,
      rows: this.#rows.subarray(0, this.#count),
      values: this.gradient.subarray(0, this.#count * dim),
    };
  }
}
