import type { Candidates } from '@tandem-rec/contract';

/** Whether candidates are the rows 0, 1, … rows − 1 for everybody: then scores of all items are the answer as they are. */
export function isWhole({ kind, items }: Candidates, rows: number): boolean {
  if (kind !== 'shared' || items.length !== rows) return false;
  for (let i = 0; i < rows; i++) if (items[i] !== i) return false;
  return true;
}
