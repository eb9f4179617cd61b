import type { GrantedTable, Rows } from '@tandem-rec/contract';

/** `x_i += row_i`: adds rows of a table to vectors of its width (`rows.length × dim`); nothing for those not yet born. */
export function addTableRows(table: GrantedTable, rows: Rows, vectors: Float32Array): void {
  const own = new Float32Array(rows.length * table.dim);
  table.gather(
    rows.map((row) => (row < table.rows ? row : -1)),
    own,
  );
  for (let i = 0; i < own.length; i++) vectors[i] += own[i];
}
