import type { Rng } from '@tandem-rec/contract';
import type { SoftmaxMfOptions } from './softmax-mf.ts';

/** What negatives are drawn from. */
export interface Occurrences {
  /** Items there are. */
  readonly items: number;
  /** Items as they occur: any of these is as likely as another. */
  readonly events: Int32Array;
  /** How often an item occurs, of `total`. */
  readonly counts: ArrayLike<number>;
  readonly total: number;
}

/**
 * Mixed negative sampling (Yang et al., "Mixed Negative Sampling for Learning Two-tower Neural Networks in
 * Recommendations", WWW 2020): q = share · as items occur + (1 − share) · uniformly. Fills a sample and its
 * shifts −ln(|J| q), zeros without `logQ`.
 */
export function drawMixed(
  { items, events, counts, total }: Occurrences,
  { popularShare, logQ }: Pick<SoftmaxMfOptions, 'popularShare' | 'logQ'>,
  rng: Rng,
  into: Int32Array,
  shifts: Float32Array,
): void {
  for (let j = 0; j < into.length; j++) {
    const popular = popularShare > 0 && rng.next() < popularShare;
    const item = popular ? events[rng.int(events.length)] : rng.int(items);
    // What arrives with this very batch has not been counted yet.
    const frequency = Math.max(+popular, counts[item]) / Math.max(1, total);
    into[j] = item;
    shifts[j] = logQ ? -Math.log(into.length * (popularShare * frequency + (1 - popularShare) / items)) : 0;
  }
}
