/** Which rows of a table a step names, each once, in the order in which they were named first. */
export class TouchedRows {
  readonly #stamps: Int32Array;
  readonly #rows: Int32Array;
  #stamp = 0;
  #count = 0;

  constructor(rows: number) {
    this.#stamps = new Int32Array(rows);
    this.#rows = new Int32Array(rows);
  }

  /** Forgets those of the step before. */
  begin(): void {
    this.#stamp++;
    this.#count = 0;
  }

  add(rows: Int32Array): void {
    for (const row of rows) {
      if (this.#stamps[row] === this.#stamp) continue;
      this.#stamps[row] = this.#stamp;
      this.#rows[this.#count++] = row;
    }
  }

  /** A view, valid until `begin`. */
  get rows(): Int32Array {
    return this.#rows.subarray(0, this.#count);
  }
}
