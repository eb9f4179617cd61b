import { allRows } from '@tandem-rec/compute';
import type { GrantedTable, Rows } from '@tandem-rec/contract';

/** What rows of items become, kept for as long as the table stays as it is and nobody says `forget`. */
export class ItemVectors {
  readonly #width: number;
  readonly #make: (rows: Rows) => Float32Array;
  #kept: Float32Array = new Float32Array(0);
  /** Of the table when all vectors were made. */
  #revision: number | undefined;

  /** @param make the vectors of rows, `rows.length × width` */
  constructor(width: number, make: (rows: Rows) => Float32Array) {
    this.#width = width;
    this.#make = make;
  }

  /** What makes vectors of rows has changed. */
  forget(): void {
    this.#revision = undefined;
  }

  /** Vectors of rows of the table, to be read only. Those of the whole table are made where half of it is asked for. */
  of(rows: Rows, table: GrantedTable): Float32Array {
    if (this.#revision !== table.revision) {
      if (2 * rows.length < table.rows) return this.#make(rows);
      this.#kept = this.#make(allRows(table.rows));
      this.#revision = table.revision;
    }
    if (rows.length === table.rows && rows.every((row, i) => row === i)) return this.#kept;
    const vectors = new Float32Array(rows.length * this.#width);
    for (const [i, row] of rows.entries()) {
      const from = row * this.#width;
      if (row >= 0) vectors.set(this.#kept.subarray(from, from + this.#width), i * this.#width);
    }
    return vectors;
  }
}
