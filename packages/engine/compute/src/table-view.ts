import type { Side } from '@tandem-rec/contract';
import type { RowSegments } from './row-segments.ts';

/** Reading of a table: its own thread's, or another's through `SharedEmbeddings.share`. */
export class TableView {
  /** Full name, for example `fism/item`. */
  readonly name: string;
  readonly side: Side;
  /** Width of a row. */
  readonly dim: number;
  protected readonly segments: RowSegments;
  protected born: number;

  constructor(name: string, side: Side, dim: number, segments: RowSegments, rows: number) {
    this.name = name;
    this.side = side;
    this.dim = dim;
    this.segments = segments;
    this.born = rows;
  }

  /** Rows born so far. */
  get rows(): number {
    return this.born;
  }

  /** Copies rows into `into` (`rows.length × dim`); row −1 is all zeros. Throws RangeError for a row not yet born. */
  gather(rows: Int32Array, into: Float32Array): void {
    this.check(rows, into, -1);
    this.segments.gather(0, rows, into);
  }

  /** Copies rows `0 … count - 1` into `into` (`count × dim`), a segment at a time. */
  copy(count: number, into: Float32Array): void {
    if (!(count >= 0 && count <= this.born) || into.length < count * this.dim)
      throw new RangeError(`${this.name}: copy of ${count} of ${this.born} rows into ${into.length} numbers.`);
    this.segments.copy(0, count, into);
  }

  /** A live view of one row in shared memory, valid for ever. It allocates a view: use `gather` for many. */
  rowView(row: number): Float32Array {
    if (!(row >= 0 && row < this.born)) throw new RangeError(`${this.name}: row ${row} of ${this.born}.`);
    return this.segments.view(0, row);
  }

  protected check(rows: Int32Array, values: Float32Array, lowest = 0): void {
    if (values.length < rows.length * this.dim)
      throw new RangeError(
        `${this.name}: ${rows.length} rows of ${this.dim} need ${rows.length * this.dim} numbers, received ${values.length}.`,
      );
    for (let i = 0; i < rows.length; i++)
      if (rows[i] < lowest || rows[i] >= this.born)
        throw new RangeError(`${this.name}: row ${rows[i]} of ${this.born}.`);
  }
}
