import type { Candidates, Scores } from '@tandem-rec/contract';

/** Writes the score of every candidate in the candidates' layout. */
export function writeScores(
  users: number,
  candidates: Candidates,
  into: Scores,
  score: (user: number, item: number) => number,
): void {
  const { items } = candidates;
  for (let b = 0, at = 0; b < users; b++) {
    const [from, to] =
      candidates.kind === 'shared' ? [0, items.length] : [candidates.offsets[b], candidates.offsets[b + 1]];
    for (let i = from; i < to; i++) into[at++] = score(b, items[i]);
  }
}
