import type { Rng } from '@tandem-rec/contract';

/** A random order of what is there, in place (Fisher and Yates). */
export function shuffle<T>(order: { readonly length: number; [place: number]: T }, rng: Rng): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = rng.int(last + 1);
    const held = order[last];
    order[last] = order[other];
    order[other] = held;
  }
}
