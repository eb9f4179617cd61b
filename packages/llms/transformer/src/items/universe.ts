import type { Candidates, Rows } from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';

/** The distinct items that one call is about, in order of first mention, with the position of each. */
export class Universe {
  #rows = new Int32Array(0);
  #size = 0;
  #positions = new Int32Array(0);
  #stamps = new Int32Array(0);
  #stamp = 0;

  /** Forgets all items. */
  clear(): void {
    this.#size = 0;
    this.#stamp++;
  }

  get size(): number {
    return this.#size;
  }

  /** Rows of the items: a view, valid until the next change. */
  get rows(): Rows {
    return this.#rows.subarray(0, this.#size);
  }

  has(row: number): boolean {
    return this.#stamps[row] === this.#stamp;
  }

  /** Position of an item that is in it. */
  position(row: number): number {
    return this.#positions[row];
  }

  /** Adds an item if it is not there; returns its position. */
  add(row: number): number {
    if (row >= this.#stamps.length) {
      this.#stamps = grown(this.#stamps, row + 1);
      this.#positions = grown(this.#positions, row + 1);
    }
    if (this.#stamps[row] === this.#stamp) return this.#positions[row];
    this.#stamps[row] = this.#stamp;
    this.#positions[row] = this.#size;
    this.#rows = grown(this.#rows, this.#size + 1);
    this.#rows[this.#size] = row;
    return this.#size++;
  }

  /** Adds all; returns their positions. */
  addAll(rows: Rows): Int32Array {
    return rows.map((row) => this.add(row));
  }

  /** Adds all candidates; returns their positions in the candidates' layout. */
  addCandidates(candidates: Candidates): { readonly columns: Int32Array; readonly offsets?: Int32Array } {
    const columns = this.addAll(candidates.items);
    return candidates.kind === 'ragged' ? { columns, offsets: candidates.offsets } : { columns };
  }
}
