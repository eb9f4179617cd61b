import type { GrantedTable, Rows } from '@tandem-rec/contract';

/** Kernels take rows of so many floats: the width of a table, padded with zeros to a multiple of 16. */
export const paddedWidth = (dim: number): number => Math.ceil(dim / 16) * 16;

/** Reads rows of a table into padded ones. */
export function readPadded(table: GrantedTable, rows: Rows | 'all', into: Float32Array): void {
  const { dim } = table;
  const count = rows === 'all' ? table.rows : rows.length;
  const width = paddedWidth(dim);
  const narrow = width === dim ? into.subarray(0, count * dim) : new Float32Array(count * dim);
  if (rows === 'all') table.copy(count, narrow);
  else table.gather(rows, narrow);
  if (width === dim) return;
  for (let k = 0; k < count; k++) into.set(narrow.subarray(k * dim, (k + 1) * dim), k * width);
}

/** Writes padded rows to the table. */
export function assignPadded(table: GrantedTable, rows: Rows, values: Float32Array): void {
  table.assign(rows, narrowed(values, rows.length, table.dim));
}

/** Padded rows without what pads them. */
export function narrowed(values: Float32Array, count: number, dim: number): Float32Array {
  const width = paddedWidth(dim);
  if (width === dim) return values.subarray(0, count * dim);
  const narrow = new Float32Array(count * dim);
  for (let k = 0; k < count; k++) narrow.set(values.subarray(k * width, k * width + dim), k * dim);
  return narrow;
}
