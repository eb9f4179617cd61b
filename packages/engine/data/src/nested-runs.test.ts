import type { Batch, UserContexts } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { nestedRuns } from './nested-runs.ts';

/** Rows as [user, item, position, history newest first]. */
function batchOf(rows: readonly (readonly [user: number, item: number, position: number, history: number[]])[]): Batch {
  const offsets = Int32Array.from([0, ...rows.map((_, b) => rows.slice(0, b + 1).flatMap(([, , , h]) => h).length)]);
  return {
    size: rows.length,
    users: Int32Array.from(rows, ([user]) => user),
    items: Int32Array.from(rows, ([, item]) => item),
    positions: Int32Array.from(rows, ([, , position]) => position),
    history: { offsets, items: Int32Array.from(rows.flatMap(([, , , history]) => history)) },
    values: new Float32Array(rows.length),
    atMs: new Float64Array(rows.length),
    fresh: rows.length,
    sequence: 0,
  };
}

/** Without what happened then. */
const contextsOf = ({ size, users, positions, history, atMs }: Batch): UserContexts => ({
  ...{ size, users, positions, history, atMs },
});

describe('nestedRuns', () => {
  it('finds timelines that stand together, with histories that grow or have reached their limit', () => {
    const batch = batchOf([
      [1, 7, 0, []],
      [1, 8, 1, [7]],
      [1, 9, 2, [8, 7]],
      [1, 7, 3, [9, 8]],
      [2, 5, 4, [4, 3]],
      [2, 6, 5, [5, 4]],
    ]);
    expect([...nestedRuns(batch)]).toEqual([0, 4, 6]);
    expect([...nestedRuns(contextsOf(batch))]).toEqual([0, 4, 6]);
  });

  it('keeps apart what does not follow: another order, a gap, another user, another past', () => {
    const batch = batchOf([
      [1, 8, 1, [7]],
      [1, 7, 0, []],
      [1, 9, 2, [8, 7]],
      [3, 1, 3, [9, 8, 7]],
      [3, 2, 4, [4, 9, 8, 7]],
    ]);
    expect([...nestedRuns(batch)]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...nestedRuns(contextsOf(batch))]).toEqual([0, 1, 2, 3, 5]);
  });

  it('cuts runs that would read more than may be read at once, to rows that stand alone', () => {
    const life = Array.from({ length: 8 }, (_, t) => t);
    const batch = batchOf(life.map((item) => [1, item, item, life.slice(0, item).reverse()] as const));
    expect([...nestedRuns(batch, 4)]).toEqual([0, 5, 6, 7, 8]);
    expect([...nestedRuns(batch, 7)]).toEqual([0, 8]);
  });

  it('has no run in an empty batch', () => {
    expect([...nestedRuns(batchOf([]))]).toEqual([0]);
  });
});
