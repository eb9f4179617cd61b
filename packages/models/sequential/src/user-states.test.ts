import type { Batch } from '@tandem-rec/contract';
import { batchOf } from '@tandem-rec/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloze } from './cloze-task.ts';
import { nextItem } from './sequence-task.ts';
import { groupsOf, readings, type Reading } from './user-states.ts';

const CLOZE = { maxLength: 4, masked: 0.5, lastOnly: 0, cuts: 0 };

/** Events `from … to − 1` of each user's timeline of items 100 · user + t, with histories of `limit` at most. */
function pieces(users: readonly (readonly [from: number, to: number])[], limit: number): Batch {
  const events = users.flatMap(([from, to], user) =>
    Array.from({ length: to - from }, (_, k) => {
      const t = from + k;
      const history = Array.from({ length: t }, (_none, back) => 100 * user + t - 1 - back);
      return { position: t, event: [user, 100 * user + t, history.slice(0, limit)] as const };
    }),
  );
  const batch = batchOf(events.map(({ event }) => event));
  return { ...batch, positions: Int32Array.from(events, ({ position }) => position) };
}

describe('what is read for users', () => {
  const piece = fc.tuple(fc.nat(20), fc.nat(20)).map(([from, more]) => [from, from + more + 1] as const);

  it('puts the newest items of each history before its state, however they are read', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 5 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 12 }),
        (users, limit, w) => {
          const batch = pieces(users, limit);
          const answered = new Map<number, number[]>();
          for (const { tokens, rows } of readings(batch, nextItem(w), w)) {
            expect(tokens.length).toBeLessThanOrEqual(w);
            for (const { row, token } of rows) {
              expect(answered.has(row)).toBe(false);
              answered.set(row, [...tokens.subarray(0, token + 1)].reverse());
            }
          }
          for (let b = 0; b < batch.size; b++) {
            const past = batch.history.items.subarray(batch.history.offsets[b], batch.history.offsets[b + 1]);
            if (past.length === 0) expect(answered.has(b)).toBe(false);
            // A run may know more than a row’s limited history, never less.
            else expect(answered.get(b)!.slice(0, Math.min(past.length, w))).toEqual([...past.subarray(0, w)]);
          }
        },
      ),
    );
  });

  it('is a timeline once, as far as it can be read at once', () => {
    const found = readings(pieces([[0, 6]], 50), nextItem(4), 4);
    expect(found.map(({ tokens }) => [...tokens])).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3, 4],
    ]);
    expect(found.map(({ rows }) => rows.map(({ row }) => row))).toEqual([[1, 2, 3, 4], [5]]);
  });

  it('is a query a row where the network sees both sides', () => {
    const task = cloze(CLOZE);
    const found = readings(pieces([[0, 3]], 50), task, 4);
    expect(found.map(({ tokens }) => [...tokens])).toEqual([
      [...task.query(Int32Array.of(0))],
      [...task.query(Int32Array.of(0, 1))],
    ]);
  });
});

it('groups readings of like length, each once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 })), (lengths) => {
      const all = lengths.map((length): Reading => ({ tokens: new Int32Array(length), rows: [] }));
      const groups = groupsOf(all);
      expect(new Set(groups.flat())).toEqual(new Set(all));
      expect(groups.flat()).toHaveLength(all.length);
      for (const group of groups) {
        const longest = Math.max(...group.map(({ tokens }) => tokens.length));
        const padding = group.reduce((sum, { tokens }) => sum + longest - tokens.length, 0);
        expect(padding).toBeLessThanOrEqual(256);
      }
    }),
  );
});
