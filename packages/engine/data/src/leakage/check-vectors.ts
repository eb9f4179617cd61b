import type { Matrix } from '@tandem-rec/contract';
import type { Split } from '../split.ts';
import { timelines } from '../timelines.ts';
import { shareText, type LeakFinding } from './leak-finding.ts';

/** Pairs looked up, each against the whole catalogue. */
const MOST_PAIRS = 300;

/**
 * Vectors that hold the answer: is what a user meets next the item nearest to the one before (by cosine)? Vectors of texts
 * know that as well for test as for training; those made of the training part know it better there. Vectors that know it
 * **better for the test**, or for every other question, were made with the test in view.
 *
 * @param vectors one row an item of the split
 */
export function checkVectors(split: Split, vectors: Matrix, of: string): LeakFinding {
  const { table } = split;
  const unit = normalised(vectors);
  const known = timelines(table, split.train);
  const lastOf = new Map<number, number>();
  const training: (readonly [number, number])[] = [];
  for (let user = 0; user < split.users; user++) {
    const [from, to] = [known.offsets[user], known.offsets[user + 1]];
    if (to - from >= 2) training.push([table.items[known.events[to - 2]], table.items[known.events[to - 1]]]);
    if (to > from) lastOf.set(user, table.items[known.events[to - 1]]);
  }
  const tested = Array.from(split.test).flatMap((event): (readonly [number, number])[] => {
    const last = lastOf.get(table.users[event]);
    return last === undefined ? [] : [[last, table.items[event]]];
  });
  const nearest = (pairs: readonly (readonly [number, number])[]) => {
    const step = Math.max(1, Math.floor(pairs.length / MOST_PAIRS));
    const looked = pairs.filter(([a, b], k) => k % step === 0 && a !== b);
    const hits = looked.filter(([a, b]) => isNearest(unit, a, b)).length;
    return { hits, of: looked.length, share: looked.length === 0 ? 0 : hits / looked.length };
  };
  const [test, train] = [nearest(tested), nearest(training)];
  const leaks = test.hits >= 5 && (test.share > 0.5 || test.share > 3 * train.share + 0.02);
  return {
    check: `vectors without answers (${of})`,
    state: leaks ? 'leak' : 'ok',
    found: `the item nearest to the last one is the answer for ${shareText(test.hits, test.of)} of ${test.of} test users, and for ${shareText(train.hits, train.of)} of ${train.of} steps in training`,
    facts: { test: test.share, training: train.share },
    ...(leaks && { remedy: 'Make the vectors of texts, or of the training part alone.' }),
  };
}

function isNearest({ rows, cols, data }: Matrix, from: number, to: number): boolean {
  const score = (item: number): number => {
    let dot = 0;
    for (let c = 0; c < cols; c++) dot += data[from * cols + c] * data[item * cols + c];
    return dot;
  };
  const wanted = score(to);
  if (wanted === 0) return false;
  for (let item = 0; item < rows; item++) if (item !== from && item !== to && score(item) >= wanted) return false;
  return true;
}

function normalised({ rows, cols, data }: Matrix): Matrix {
  const unit = data.slice(0, rows * cols);
  for (let row = 0; row < rows; row++) {
    const own = unit.subarray(row * cols, (row + 1) * cols);
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) own.forEach((value, c) => (own[c] = value / length));
  }
  return { rows, cols, data: unit };
}
