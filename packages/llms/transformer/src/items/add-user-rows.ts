import type { GrantedTable, UserContexts } from '@tandem-rec/contract';

/** `h_u += row_u`: adds the table's rows to the users' states H (`size × dim`); nothing for those not yet born. */
export function addUserRows(table: GrantedTable, { users, size }: UserContexts, H: Float32Array): void {
  const { rows, dim } = table;
  const known = users.subarray(0, size).map((user) => (user < rows ? user : 0));
  const own = new Float32Array(size * dim);
  if (rows > 0) table.gather(known, own);
  for (let i = 0; i < own.length; i++) if (users[Math.floor(i / dim)] < rows) H[i] += own[i];
}
