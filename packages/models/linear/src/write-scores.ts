import type { Candidates, Rows, Scores } from '@tandem-rec/contract';

/** Lets `write` fill in every user's scores, in the candidates' layout. */
export function writeScores(
  users: number,
  candidates: Candidates,
  into: Scores,
  write: (user: number, items: Rows, scores: Float32Array) => void,
): void {
  const { items } = candidates;
  for (let b = 0; b < users; b++)
    if (candidates.kind === 'shared') write(b, items, into.subarray(b * items.length, (b + 1) * items.length));
    else {
      const [from, to] = [candidates.offsets[b], candidates.offsets[b + 1]];
      write(b, items.subarray(from, to), into.subarray(from, to));
    }
}
