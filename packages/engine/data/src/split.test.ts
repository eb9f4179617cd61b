import type { Rng } from '@tandem-rec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { tableOf, type EventTable } from './event-table.ts';
import { given, leaveOneOut, randomPerUser, splitTable, temporal, type Split } from './split.ts';

/** A small generator of its own: the split must work with any `Rng`. */
function rng(seed: number): Rng {
  let state = seed >>> 0;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return {
    next,
    int: (below) => Math.floor(next() * below),
    normal: () => 0,
    fork: () => rng(seed),
    save: () => ({}),
    load: () => undefined,
  };
}

const show = (split: Split, part: 'train' | 'valid' | 'test'): string[] =>
  Array.from(
    split[part],
    (event) => `${split.table.userIds[split.table.users[event]]}:${split.table.itemIds[split.table.items[event]]}`,
  );

const rows = (text: string): { user: string; item: string; atMs: number }[] =>
  text.split(' ').map((row) => {
    const [user, item, atMs] = row.split(':');
    return { user, item, atMs: Number(atMs) };
  });

const tables: fc.Arbitrary<EventTable> = fc
  .array(fc.record({ user: fc.nat(6).map(String), item: fc.nat(20).map(String), atMs: fc.nat(10) }), {
    minLength: 30,
    maxLength: 120,
  })
  .map((events) => tableOf(events));

function expectPartition(split: Split): void {
  const { table } = split;
  const all = [...split.train, ...split.valid, ...split.test];
  expect(new Set(all).size).toBe(table.size);
  expect(all).toHaveLength(table.size);
  for (const part of ['train', 'valid', 'test'] as const)
    for (let k = 1; k < split[part].length; k++) {
      const [a, b] = [split[part][k - 1], split[part][k]];
      const order = table.users[a] - table.users[b] || table.atMs[a] - table.atMs[b] || a - b;
      expect(order).toBeLessThan(0);
    }
}

describe('leaveOneOut', () => {
  it('holds out the last two by time; ties keep the order of the file', () => {
    const split = leaveOneOut(tableOf(rows('b:p:9 b:q:1 b:r:5 b:s:5 a:x:3 a:y:1 a:z:2')));
    expect(show(split, 'train')).toEqual(['a:y', 'b:q', 'b:r']);
    expect(show(split, 'valid')).toEqual(['a:z', 'b:s']);
    expect(show(split, 'test')).toEqual(['a:x', 'b:p']);
  });

  it('leaves out short users and the items that only they met', () => {
    const split = leaveOneOut(tableOf(rows('a:x:1 a:only:2 b:x:1 b:y:2 b:z:3')));
    expect(split.table.userIds).toEqual(['b']);
    expect(split.table.itemIds).toEqual(['x', 'y', 'z']);
    expect([split.users, split.items, split.table.size]).toEqual([1, 3, 3]);
  });

  it('divides everything that is kept', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 3, max: 5 }), (table, min) => {
        const split = leaveOneOut(table, min);
        expectPartition(split);
        expect(split.test).toHaveLength(split.users);
        expect(split.valid).toHaveLength(split.users);
      }),
    );
  });

  it('refuses what has no order', () => {
    expect(() => leaveOneOut(tableOf(rows('a:x:1'), { chronology: 'none' }))).toThrow(
      expect.objectContaining({ code: 'TANDEM_DATASET_NO_SPLIT' }),
    );
  });

  it('says when no user is left', () => {
    expect(() => leaveOneOut(tableOf(rows('a:x:1 a:y:2')))).toThrow(
      expect.objectContaining({ code: 'TANDEM_DATASET_EMPTY' }),
    );
  });
});

describe('randomPerUser', () => {
  it('draws the shares of each user, rounded down, and the same again from the same seed', () => {
    fc.assert(
      fc.property(tables, fc.nat(), (table, seed) => {
        fc.pre(table.userIds.length > 0);
        const split = randomPerUser(table, 0.1, 0.3, rng(seed));
        expectPartition(split);
        for (let user = 0; user < split.users; user++) {
          const count = (events: Int32Array): number => events.filter((event) => table.users[event] === user).length;
          const n = count(Int32Array.from(table.users.keys()));
          expect(count(split.test)).toBe(Math.floor((n * 3) / 10));
          expect(count(split.valid)).toBe(Math.floor(n / 10));
        }
        expect(randomPerUser(table, 0.1, 0.3, rng(seed)).test).toEqual(split.test);
      }),
    );
  });

  it('depends on the seed', () => {
    const table = tableOf(Array.from({ length: 100 }, (_, n) => ({ user: 'u', item: String(n), atMs: n })));
    expect(randomPerUser(table, 0.1, 0.1, rng(1)).test).not.toEqual(randomPerUser(table, 0.1, 0.1, rng(2)).test);
  });
});

describe('temporal', () => {
  it('divides everybody at one moment', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const split = temporal(table, 0.1, 0.2);
        expectPartition(split);
        expect(split.test).toHaveLength(Math.floor(table.size / 5));
        const latest = (events: Int32Array): number => Math.max(...events.map((event) => table.atMs[event]));
        const earliest = (events: Int32Array): number => Math.min(...events.map((event) => table.atMs[event]));
        expect(latest(split.train)).toBeLessThanOrEqual(earliest(split.valid));
        expect(latest(split.valid)).toBeLessThanOrEqual(earliest(split.test));
      }),
    );
  });

  it('refuses an order that is not time', () => {
    expect(() => temporal(tableOf(rows('a:x:1'), { chronology: 'order' }), 0.1, 0.1)).toThrow(/no times/);
  });
});

describe('given', () => {
  it('takes the parts as they are', () => {
    const split = given(
      tableOf([{ user: 'a', item: 'z', atMs: 3, part: 'test' }, ...rows('a:x:1 b:y:2')], { chronology: 'none' }),
    );
    expect(show(split, 'train')).toEqual(['a:x', 'b:y']);
    expect(show(split, 'test')).toEqual(['a:z']);
    expect(split.valid).toHaveLength(0);
  });

  it('refuses a table without parts', () => {
    expect(() => splitTable(tableOf(rows('a:x:1')), { by: 'given' }, rng(1))).toThrow(/parts were not loaded/);
  });
});
