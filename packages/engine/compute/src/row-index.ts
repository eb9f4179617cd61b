/** A `RowIndex` as arrays: the ids' UTF-16 code units one after another, and where each id ends. */
export interface SavedRowIndex {
  readonly units: Uint16Array;
  readonly ends: Int32Array;
}

/** String ids of users or items ↔ dense row numbers 0, 1, 2 … in order of arrival. Rows are never removed or reused. */
export class RowIndex {
  readonly #rows = new Map<string, number>();
  readonly #ids: string[] = [];

  /** Rows assigned so far. */
  get size(): number {
    return this.#ids.length;
  }

  /** All ids, by row. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** The id's row, undefined if it was never added. */
  get(id: string): number | undefined {
    return this.#rows.get(id);
  }

  /** The id's row; an id not seen before is given the next one. */
  add(id: string): number {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row = this.#ids.length;
    this.#rows.set(id, row);
    this.#ids.push(id);
    return row;
  }

  /** Throws RangeError for a row that was not assigned. */
  idOf(row: number): string {
    const id = this.#ids[row];
    if (id === undefined) throw new RangeError(`Row ${row} of ${this.#ids.length} has no id.`);
    return id;
  }

  /** Exact for every string, unpaired surrogates included. */
  save(): SavedRowIndex {
    const ends = new Int32Array(this.#ids.length);
    let end = 0;
    for (let row = 0; row < ends.length; row++) ends[row] = end += this.#ids[row].length;
    const units = new Uint16Array(end);
    const bytes = Buffer.from(units.buffer);
    for (let row = 0, start = 0; row < ends.length; start = ends[row++])
      bytes.write(this.#ids[row], start * 2, 'utf16le');
    return { units, ends };
  }

  load({ units, ends }: SavedRowIndex): void {
    this.#rows.clear();
    this.#ids.length = 0;
    const bytes = Buffer.from(units.buffer, units.byteOffset, units.byteLength);
    for (let row = 0, start = 0; row < ends.length; start = ends[row++])
      this.add(bytes.toString('utf16le', start * 2, ends[row] * 2));
  }
}
