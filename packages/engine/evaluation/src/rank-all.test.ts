import type { Candidates, Scores, UserContexts } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';

import { maskSeen, rankAll, rankEach, type RankingTask } from './rank-all.ts';

// Users 0 … 3 and items 0 … 5; user 2 has nothing to find.
const task: RankingTask = {
  users: Int32Array.of(0, 1, 3),
  seen: { offsets: Int32Array.of(0, 2, 2, 3, 4), items: Int32Array.of(5, 4, 0, 3) },
  targets: { offsets: Int32Array.of(0, 1, 3, 3, 4), items: Int32Array.of(0, 1, 5, 3) },
  contexts: (users): UserContexts => ({
    size: users.length,
    users,
    history: { offsets: new Int32Array(users.length + 1), items: new Int32Array(0) },
    positions: new Int32Array(users.length),
    atMs: new Float64Array(users.length),
  }),
};

/** The later the item, the better, by one buffer that is used again. */
const buffer = new Float32Array(100);
function later(users: UserContexts, items: Candidates): Scores {
  for (let b = 0; b < users.size; b++)
    for (let c = 0; c < items.items.length; c++) buffer[b * items.items.length + c] = items.items[c];
  return buffer.subarray(0, users.size * items.items.length);
}

describe('rankAll', () => {
  it.each([1, 2, 256])('masks what was met, except targets, in batches of %i', async (batch) => {
    const progress: number[] = [];
    const ranking = await rankAll(task, later, { items: 6, batch, onProgress: (done) => progress.push(done) });
    expect([...ranking.offsets]).toEqual([0, 1, 3, 4]);
    expect([...ranking.ranks]).toEqual([3, 0, 4, 2]);
    expect([...ranking.targets]).toEqual([0, 5, 1, 3]);
    expect([...ranking.candidates]).toEqual([4, 6, 6]);
    expect([...ranking.auc]).toEqual([0, (4 + 1) / 8, 3 / 5]);
    expect(progress.at(-1)).toBe(3);
  });

  it('stops when told', async () => {
    await expect(rankAll(task, later, { items: 6, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });

  it('refuses scores that are too few', async () => {
    await expect(rankAll(task, () => new Float32Array(3), { items: 6 })).rejects.toThrow(/model gave 3 scores/);
  });
});

describe('rankEach', () => {
  it('asks several experts together', async () => {
    const rankings = await rankEach(
      task,
      async (users, items) => ({ up: later(users, items).slice(), down: later(users, items).map((x) => -x) }),
      { items: 6 },
    );
    expect([...rankings.up.ranks]).toEqual([3, 0, 4, 2]);
    expect([...rankings.down.ranks]).toEqual([0, 1, 5, 3]);
  });
});

describe('maskSeen', () => {
  it('leaves no score to what was met', () => {
    const scores = new Float32Array(12);
    maskSeen(scores, Int32Array.of(3, 0), task.seen, 6);
    expect([...scores.keys()].filter((at) => scores[at] === -Infinity)).toEqual([3, 10, 11]);
  });
});
