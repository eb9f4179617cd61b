import type { UserContexts } from '@tandem-rec/contract';
import type { Universe } from './universe.ts';

/** Columns that a row's user has met already: row b's are `met[metOffsets[b] … metOffsets[b + 1])`. */
export interface MetColumns {
  readonly metOffsets: Int32Array;
  readonly met: Int32Array;
}

/** Those among the first `ranked` items of the universe. */
export function metColumns(
  { size, history: { offsets, items } }: UserContexts,
  universe: Universe,
  ranked: number,
): MetColumns {
  const metOffsets = new Int32Array(size + 1);
  const met = new Int32Array(items.length);
  let count = 0;
  for (let b = 0; b < size; b++) {
    for (let i = offsets[b]; i < offsets[b + 1]; i++)
      if (universe.has(items[i]) && universe.position(items[i]) < ranked) met[count++] = universe.position(items[i]);
    metOffsets[b + 1] = count;
  }
  return { metOffsets, met: met.subarray(0, count) };
}
