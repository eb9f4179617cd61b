import type { Batch, UserContexts } from '@tandem-rec/contract';

/**
 * Where rows follow each other in the life of one user, so that a causal network reads them as one sequence: the history of
 * a row is that of the row before with what happened then in front (and the oldest cut off where the limit is
 * reached). Such rows stand together where batches are made of whole timelines; elsewhere every run is a row.
 *
 * @param within most items that a run may read: the history of its first row, or the newest `within` of it, and one more for
 *   each row that follows. Rows beyond are runs of their own, so that each is read as if it stood alone. Default: no limit
 * @returns first rows of the runs, and the size of the batch behind them: run r is `runs[r] … runs[r + 1] − 1`, oldest first
 */
export function nestedRuns(rows: Batch | UserContexts, within = Infinity): Int32Array {
  const { size, users, positions, history } = rows;
  const { offsets } = history;
  const runs = new Int32Array(size + 1);
  // By how much the history of a row is longer than the one before: 1, or 0 where the limit was reached.
  const longer = (b: number): number => offsets[b + 1] - 2 * offsets[b] + offsets[b - 1];
  const past = (b: number): number => Math.min(offsets[b + 1] - offsets[b], within);
  let count = 0;
  for (let b = 0; b < size; b++) {
    const follows =
      b > 0 &&
      past(runs[count - 1]) + b - runs[count - 1] <= within &&
      users[b] === users[b - 1] &&
      positions[b] === positions[b - 1] + 1 &&
      longer(b) >= 0 &&
      longer(b) <= 1 &&
      offsets[b + 1] > offsets[b] &&
      ('items' in rows ? history.items[offsets[b]] === rows.items[b - 1] : continues(rows, b));
    if (!follows) runs[count++] = b;
  }
  runs[count] = size;
  return runs.slice(0, count + 1);
}

/** Whether the history of a row, without its newest item, is that of the row before as far as it goes. */
function continues({ history: { offsets, items } }: UserContexts, b: number): boolean {
  for (let at = offsets[b] + 1, before = offsets[b - 1]; at < offsets[b + 1]; at++, before++)
    if (items[at] !== items[before]) return false;
  return true;
}
