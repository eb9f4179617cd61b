import type { Candidates, Scores, Statistics } from '@tandem-rec/contract';

/**
 * Of whom nothing is known, a row of zeros in W (`users × dim`), is ranked for by what all like: their scores become the
 * logarithm of each item's share of all events.
 */
export function rankForUnknown(
  W: Float32Array,
  dim: number,
  users: number,
  candidates: Candidates,
  { itemCounts, interactions, items: known }: Statistics,
  scores: Scores,
): void {
  const { items } = candidates;
  const n = items.length;
  for (let b = 0; b < users; b++) {
    if (W.subarray(b * dim, (b + 1) * dim).some((value) => value !== 0)) continue;
    const shared = candidates.kind === 'shared';
    const [from, to] = shared ? [0, n] : [candidates.offsets[b], candidates.offsets[b + 1]];
    for (let i = from; i < to; i++)
      scores[(shared ? b * n : 0) + i] = Math.log(
        ((itemCounts[items[i]] ?? 0) + 1) / (interactions + Math.max(1, known)),
      );
  }
}
