import { SeededRng } from '@tandem-rec/compute';
import { leaveOneOut, nestedRuns, tableOf, TrainingSet } from '@tandem-rec/data';
import { describe, expect, it } from 'vitest';
import { epochSteps } from './epoch-steps.ts';

/** User u met 3 + 2u items, and 100 at last; two of each are not for training. */
const SIZES = [...Array.from({ length: 30 }, (_, user) => 3 + 2 * user), 100];
const EVENTS = SIZES.flatMap((size, user) =>
  Array.from({ length: size }, (_, k) => ({
    user: `u${String(user).padStart(2, '0')}`,
    item: `i${(user + k) % 80}`,
    atMs: 1 + k * 100 + user,
  })),
);
const data = new TrainingSet(leaveOneOut(tableOf(EVENTS)), 50);
const all = Array.from({ length: data.size }, (_, position) => position);

describe.each(['events', 'timelines'] as const)('an epoch of %s', (batches) => {
  it('deals out every event once, in another order each time', () => {
    const deal = epochSteps(data, { batches, batch: 32 }, new SeededRng(1));
    const epochs = [1, 2].map(() => deal().flatMap((step) => [...step]));
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual(all);
    expect(epochs[0]).not.toEqual(epochs[1]);
  });
});

describe('steps of timelines', () => {
  const steps = epochSteps(data, { batches: 'timelines', batch: 32 }, new SeededRng(2))();

  it('are about as long as was asked for, with whole timelines of kindred lengths', () => {
    const users = new Map<number, number>();
    for (const step of steps) {
      expect(step.length).toBeLessThan(2 * 32);
      const batch = data.batch(step);
      const runs = nestedRuns(batch);
      const lengths = Array.from(runs.subarray(1), (end, r) => end - runs[r]);
      // Neighbours in order of length differ by two.
      expect(Math.max(...lengths)).toBeLessThanOrEqual(1.15 * Math.min(...lengths) + 2 * lengths.length);
      for (const first of runs.subarray(0, -1)) {
        const user = batch.users[first];
        users.set(user, (users.get(user) ?? 0) + 1);
      }
    }
    // 98 events in pieces of 32.
    expect(users.get(30)).toBe(4);
    expect([...users].filter(([user]) => SIZES[user] - 2 <= 32).every(([, runs]) => runs === 1)).toBe(true);
  });

  it('cut a long timeline so that its newest piece is whole', () => {
    const pieces = steps.flatMap((step) => {
      const { users, positions } = data.batch(step);
      return Array.from(users.keys())
        .filter((b) => users[b] === 30 && (b === 0 || users[b - 1] !== 30 || positions[b] !== positions[b - 1] + 1))
        .map((b) => positions[b]);
    });
    expect(pieces.toSorted((a, b) => a - b)).toEqual([0, 2, 34, 66]);
  });
});
