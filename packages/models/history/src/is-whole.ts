import type { Candidates } from '@tandem-rec/contract';

/** Whether a list is 0, 1, … rows − 1. */
export function isWhole(candidates: Candidates, rows: number): boolean {
  if (candidates.kind !== 'shared' || candidates.items.length !== rows) return false;
  for (let i = 0; i < rows; i++) if (candidates.items[i] !== i) return false;
  return true;
}
