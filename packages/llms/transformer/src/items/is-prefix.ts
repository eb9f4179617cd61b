/** Whether rows are `0, 1, 2, …`, as they are in a step over all items: then nothing needs copying one by one. */
export function isPrefix(rows: Int32Array): boolean {
  for (let i = 0; i < rows.length; i++) if (rows[i] !== i) return false;
  return true;
}
