import type { Batch } from '@tandem-rec/contract';

/**
 * Where rows of a batch follow each other in the life of one user, so that a causal network reads them as one sequence: the
 * history of a row is that of the row before with the item of that row in front (and the oldest cut off where the
 * limit is reached). Such rows stand together where batches are made of whole timelines; elsewhere every run is a row.
 *
 * @returns first rows of the runs, and the size of the batch behind them: run r is `runs[r] … runs[r + 1] − 1`, oldest first
 */
export function nestedRuns({ size, users, positions, items, history }: Batch): Int32Array {
  const { offsets } = history;
  const runs = new Int32Array(size + 1);
  // By how much the history of a row is longer than the one before: 1, or 0 where the limit was reached.
  const longer = (b: number): number => offsets[b + 1] - 2 * offsets[b] + offsets[b - 1];
  let count = 0;
  for (let b = 0; b < size; b++) {
    const follows =
      b > 0 &&
      users[b] === users[b - 1] &&
      positions[b] === positions[b - 1] + 1 &&
      longer(b) >= 0 &&
      longer(b) <= 1 &&
      offsets[b + 1] > offsets[b] &&
      history.items[offsets[b]] === items[b - 1];
    if (!follows) runs[count++] = b;
  }
  runs[count] = size;
  return runs.slice(0, count + 1);
}
