import type { Rng } from '@tandem-rec/contract';
import { shuffle } from './shuffle.ts';

/**
 * Groups of sequences of nearly the same length, of about `tokens` tokens each, in random order: hardly any padding, and
 * other groups in every pass. Empty sequences are left out.
 * @returns positions in `lengths`, by group
 */
export function lengthBuckets(lengths: Int32Array, tokens: number, rng: Rng): readonly Int32Array[] {
  // A length blurred by up to 15 % decides who meets whom.
  const keys = Float64Array.from(lengths, (length) => Math.floor(length * (1 + 0.15 * rng.next())) + rng.next());
  const order = Int32Array.from(lengths.keys())
    .filter((sequence) => lengths[sequence] > 0)
    .sort((a, b) => keys[a] - keys[b]);
  const groups: Int32Array[] = [];
  let [from, held] = [0, 0];
  for (let i = 0; i < order.length; i++) {
    held += lengths[order[i]];
    if (held < tokens && i + 1 < order.length) continue;
    groups.push(order.subarray(from, i + 1));
    [from, held] = [i + 1, 0];
  }
  shuffle(groups, rng);
  return groups;
}
