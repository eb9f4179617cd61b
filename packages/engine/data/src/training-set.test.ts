import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { contextsOf, countEvents, evaluationTask } from './evaluation-task.ts';
import { tableOf } from './event-table.ts';
import { leaveOneOut } from './split.ts';
import { TrainingSet } from './training-set.ts';

const tables = fc
  .array(fc.record({ user: fc.nat(4).map(String), item: fc.nat(30).map(String), atMs: fc.nat(50) }), {
    minLength: 40,
    maxLength: 150,
  })
  .map((rows) => tableOf(rows));

describe('TrainingSet', () => {
  it('gives each event exactly what its user did before it, newest first', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 1, max: 8 }), fc.infiniteStream(fc.nat()), (table, limit, picks) => {
        const split = leaveOneOut(table);
        const { table: kept, train } = split;
        const set = new TrainingSet(split, limit);
        expect([set.size, set.users, set.items]).toEqual([train.length, split.users, split.items]);
        const byTime = [...train].sort((a, b) => kept.atMs[a] - kept.atMs[b] || a - b);
        for (let round = 0; round < 3; round++) {
          const order = Int32Array.from({ length: 5 + (picks.next().value % 5) }, () => picks.next().value % set.size);
          const batch = set.batch(order);
          expect(batch).toMatchObject({ size: order.length, fresh: order.length });
          for (let b = 0; b < order.length; b++) {
            const event = byTime[order[b]];
            expect([batch.users[b], batch.items[b], batch.atMs[b]]).toEqual([
              kept.users[event],
              kept.items[event],
              kept.atMs[event],
            ]);
            const before = byTime.slice(0, order[b]).filter((other) => kept.users[other] === kept.users[event]);
            expect(batch.positions[b]).toBe(before.length);
            expect([...batch.history.items.subarray(batch.history.offsets[b], batch.history.offsets[b + 1])]).toEqual(
              before
                .reverse()
                .slice(0, limit)
                .map((other) => kept.items[other]),
            );
          }
          expect(batch.history.items).toHaveLength(batch.history.offsets[order.length]);
        }
      }),
    );
  });

  it('counts what it handed out', () => {
    const set = new TrainingSet(
      leaveOneOut(tableOf(Array.from({ length: 9 }, (_, n) => ({ user: 'u', item: String(n), atMs: n })))),
      4,
    );
    expect(set.batch(Int32Array.of(0, 1, 2)).sequence).toBe(0);
    expect(set.batch(Int32Array.of(3)).sequence).toBe(3);
  });

  it('refuses positions that do not exist', () => {
    const set = new TrainingSet(
      leaveOneOut(tableOf(Array.from({ length: 4 }, (_, n) => ({ user: 'u', item: String(n), atMs: n })))),
      4,
    );
    expect(() => set.batch(Int32Array.of(2))).toThrow(RangeError);
  });
});

describe('evaluationTask', () => {
  // a: w x y z in time, b: x y z.
  const split = leaveOneOut(
    tableOf(
      ['a:w', 'a:x', 'a:y', 'a:z', 'b:x', 'b:y', 'b:z'].map((row, atMs) => ({ user: row[0], item: row[2], atMs })),
    ),
  );
  const [w, x, y, z] = [0, 1, 2, 3];

  it('asks for the test item with training and validation masked, and in the history', () => {
    const task = evaluationTask(split, 'test', { historyLimit: 2 });
    expect([...task.users]).toEqual([0, 1]);
    expect([...task.seen.items]).toEqual([w, x, y, x, y]);
    expect([...task.targets.items]).toEqual([z, z]);
    expect(task.contexts(Int32Array.of(1, 0))).toEqual({
      size: 2,
      users: Int32Array.of(1, 0),
      history: { offsets: Int32Array.of(0, 2, 4), items: Int32Array.of(y, x, y, x) },
      positions: Int32Array.of(2, 3),
      atMs: Float64Array.of(6, 3),
    });
  });

  it('keeps the validation item out of the history where that is wanted, but masked', () => {
    const task = evaluationTask(split, 'test', { historyLimit: 9, historyWithValidation: false });
    expect([...task.seen.items]).toEqual([w, x, y, x, y]);
    expect([...task.contexts(Int32Array.of(0)).history.items]).toEqual([x, w]);
  });

  it('asks for the validation item from training alone', () => {
    const task = evaluationTask(split, 'valid', { historyLimit: 9 });
    expect([...task.seen.items]).toEqual([w, x, x]);
    expect([...task.targets.items]).toEqual([y, y]);
    expect([...task.contexts(Int32Array.of(0)).history.items]).toEqual([x, w]);
  });

  it('leaves out users with nothing to find, and knows users without a past', () => {
    const lists = { offsets: Int32Array.of(0, 0, 2), items: Int32Array.of(5, 6) };
    expect(contextsOf(lists, Int32Array.of(0), 3, Float64Array.of(7, 8))).toMatchObject({
      positions: Int32Array.of(0),
      atMs: Float64Array.of(7),
      history: { offsets: Int32Array.of(0, 0) },
    });
    const lonely = { ...split, test: split.test.filter((event) => split.table.users[event] === 1) };
    expect([...evaluationTask(lonely, 'test', { historyLimit: 3 }).users]).toEqual([1]);
  });

  it('counts', () => {
    expect(countEvents(split, ['train', 'valid'])).toEqual({
      items: Float32Array.of(1, 2, 2, 0),
      users: Float32Array.of(3, 2),
    });
  });
});
