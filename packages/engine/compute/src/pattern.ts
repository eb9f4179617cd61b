import type { Arena, Kernel } from './arena.ts';
import { patternBinary } from './binaries/pattern.ts';
import type { ArenaMatrix } from './sgemm.ts';
import { transposedRows } from './transposed-rows.ts';

/**
 * A sparse matrix of zeros and ones by row: row r has ones in the columns
 * `indices[offsets[r]] … indices[offsets[r + 1] - 1]`, ascending, each once. For kernels its arrays lie in an arena.
 */
export interface Pattern {
  readonly rows: number;
  readonly columns: number;
  /** Length: rows + 1. */
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

interface PatternKernel {
  gramRows(...numbers: number[]): void;
  sumRows(...numbers: number[]): void;
  filterRows(...numbers: number[]): void;
}

const open = (arena: Arena): Kernel<PatternKernel> => arena.open<PatternKernel>(patternBinary);

const lists = ({ offsets, indices }: Pattern): readonly [number, number] => [offsets.byteOffset, indices.byteOffset];

/** Blocks small enough that threads end together, large enough that handing them out costs nothing. */
const blockOf = (count: number): number => Math.max(1, Math.min(64, Math.ceil(count / 64)));

/** The distinct ones of ragged lists, ascending, as a pattern; in the arena where one is given. What is not below `columns` is left out. */
export function patternOf(offsets: Int32Array, items: Int32Array, columns: number, arena?: Arena): Pattern {
  const rows = offsets.length - 1;
  const int32 = (length: number): Int32Array => (arena ? arena.int32(length) : new Int32Array(length));
  const starts = int32(rows + 1);
  const indices = int32(offsets[rows] - offsets[0]);
  let end = 0;
  for (let row = 0; row < rows; row++) {
    const list = items.slice(offsets[row], offsets[row + 1]).sort();
    for (let k = 0; k < list.length; k++)
      if (list[k] < columns && (k === 0 || list[k] !== list[k - 1])) indices[end++] = list[k];
    starts[row + 1] = end;
  }
  return { rows, columns, offsets: starts, indices: indices.subarray(0, end) };
}

/** The same ones by column; in the arena where one is given. */
export function transposed({ rows, columns, offsets, indices }: Pattern, arena?: Arena): Pattern {
  const byColumn = transposedRows({ offsets, columns: indices }, columns, arena);
  return { rows: columns, columns: rows, offsets: byColumn.offsets, indices: byColumn.columns };
}

/**
 * The lower triangle of `XᵀX` with its diagonal, into a square of `G.row` floats a row; what lies above it stays.
 *
 * @param X users × items
 * @param XT its transpose
 */
export function patternGram(arena: Arena, X: Pattern, XT: Pattern, { data, row, at = 0 }: ArenaMatrix): void {
  open(arena).parallel('gramRows', X.columns, { block: blockOf(X.columns) }, (from, to) => [
    from,
    to,
    ...lists(XT),
    ...lists(X),
    data.byteOffset + 4 * at,
    row,
  ]);
}

/** `X · M`: for each row of X the sum of the rows of M (`width` wide) that it names, into `Y` (rows × width). */
export function patternTimes(
  arena: Arena,
  X: Pattern,
  { data, row, at = 0 }: ArenaMatrix,
  width: number,
  Y: Float32Array,
): void {
  open(arena).parallel('sumRows', X.rows, { block: blockOf(X.rows) }, (from, to) => [
    from,
    to,
    ...lists(X),
    data.byteOffset + 4 * at,
    row,
    width,
    Y.byteOffset,
  ]);
}

/**
 * Adds `H · diag(a) · Xᵀ · diag(b) · X · diag(c)` to `Y` (rows of H × columns of X) without the product of X with itself:
 * what those who share items have met.
 *
 * @param H rows over the columns of X
 * @param X users × items
 * @param XT its transpose
 * @param a one positive weight a column of X
 * @param b one weight a row of X
 * @param c one weight a column of X
 */
export function patternFilter(
  arena: Arena,
  H: Pattern,
  X: Pattern,
  XT: Pattern,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  Y: Float32Array,
): void {
  const block = Math.max(1, Math.min(16, Math.ceil(H.rows / 16)));
  const scratchBytes = 4 * (X.columns + 2 * X.rows + 1);
  open(arena).parallel('filterRows', H.rows, { block, scratchBytes }, (from, to) => [
    from,
    to,
    ...lists(H),
    a.byteOffset,
    ...lists(XT),
    b.byteOffset,
    ...lists(X),
    X.rows,
    X.columns,
    c.byteOffset,
    Y.byteOffset,
  ]);
}
