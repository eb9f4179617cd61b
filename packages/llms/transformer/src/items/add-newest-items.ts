import type { UserContexts } from '@tandem-rec/contract';
import type { Pasts } from '../pooling/pooling.ts';
import type { Universe } from './universe.ts';

/** The newest `window` items of each past, added to the universe, as positions in it. */
export function addNewestItems(
  universe: Universe,
  { size, history: { offsets, items } }: UserContexts,
  window: number,
): Omit<Pasts, 'vectors' | 'runs'> {
  const cut = new Int32Array(size + 1);
  for (let b = 0; b < size; b++) cut[b + 1] = cut[b] + Math.min(window, offsets[b + 1] - offsets[b]);
  const positions = new Int32Array(cut[size]);
  for (let b = 0; b < size; b++)
    for (let k = 0; k < cut[b + 1] - cut[b]; k++) positions[cut[b] + k] = universe.add(items[offsets[b] + k]);
  return { size, offsets: cut, items: positions };
}
