import type { Arena } from './arena.ts';
import type { SparseRows } from './propagate.ts';

/**
 * The same entries by column: row r of the argument has them in `columns[offsets[r] … offsets[r + 1])`, each below
 * `width`; those of a row of the answer ascend, and equal ones keep their order. Without `values` the answer has none. In
 * the arena where one is given.
 */
export function transposedRows(
  { offsets, columns, values = NONE }: Omit<SparseRows, 'values'> & Partial<SparseRows>,
  width: number,
  arena?: Arena,
): SparseRows {
  const int32 = (length: number): Int32Array => (arena ? arena.int32(length) : new Int32Array(length));
  const entries = columns.length;
  const starts = int32(width + 1);
  for (const column of columns) starts[column + 1]++;
  for (let column = 0; column < width; column++) starts[column + 1] += starts[column];
  const next = starts.slice(0, width);
  const rows = int32(entries);
  const moved = arena ? arena.float32(values.length) : new Float32Array(values.length);
  for (let row = 0; row + 1 < offsets.length; row++)
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) {
      const to = next[columns[entry]]++;
      rows[to] = row;
      if (values !== NONE) moved[to] = values[entry];
    }
  return { offsets: starts, columns: rows, values: moved };
}

const NONE = new Float32Array(0);
