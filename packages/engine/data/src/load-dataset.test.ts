import {
  TandemError,
  type CatalogueItem,
  type DatasetReader,
  type GivenPart,
  type Interaction,
} from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';

import { loadInteractions, loadItems } from './load-dataset.ts';

const event = (user: string, item: string, more: Partial<Interaction> = {}): Interaction => ({
  user,
  item,
  atMs: 0,
  kind: 'rating',
  value: 1,
  ...more,
});

function reader(
  events: readonly (Interaction | string)[],
  parts: Partial<Record<GivenPart, readonly Interaction[]>> = {},
): DatasetReader {
  return {
    name: 'made-up',
    chronology: 'time',
    async *interactions(onError, part) {
      for (const [index, row] of (part === undefined ? events : (parts[part] ?? [])).entries()) {
        if (typeof row === 'string') onError({ file: 'f', line: index + 1, reason: row });
        else yield row;
      }
    },
    async *items(): AsyncGenerator<CatalogueItem> {
      yield { id: 'a', text: { title: 'A' }, categories: [] };
      yield { id: 'b', text: {}, categories: [] };
      yield { id: 'a', text: { title: 'A again' }, categories: [] };
    },
  };
}

const ids = (table: {
  users: Int32Array;
  items: Int32Array;
  userIds: readonly string[];
  itemIds: readonly string[];
}): string[] => Array.from(table.users, (user, e) => `${table.userIds[user]}:${table.itemIds[table.items[e]]}`);

describe('loadInteractions', () => {
  it('keeps the order of reading and every column', async () => {
    const { table } = await loadInteractions(
      reader([event('b', 'y', { atMs: 5, value: 2.5 }), event('a', 'x', { atMs: 3, kind: 'click' }), event('b', 'x')]),
    );
    expect(ids(table)).toEqual(['b:y', 'a:x', 'b:x']);
    expect([...table.atMs]).toEqual([5, 3, 0]);
    expect([...table.values]).toEqual([2.5, 1, 1]);
    expect(Array.from(table.kinds, (kind) => table.kindNames[kind])).toEqual(['rating', 'click', 'rating']);
    expect(table).toMatchObject({ name: 'made-up', chronology: 'time', size: 3, parts: undefined });
  });

  it('numbers integer ids by value', async () => {
    const { table } = await loadInteractions(reader([event('10', 'a'), event('9', 'a'), event('-1', 'a')]));
    expect(table.userIds).toEqual(['-1', '9', '10']);
  });

  it.each([[['10', '9', '09']], [['10', '9', 'x']], [['1', '10', '9007199254740993']]])(
    'numbers other ids by code points: %j',
    async (users) => {
      const { table } = await loadInteractions(reader(users.map((user) => event(user, 'a'))));
      expect(table.userIds).toEqual([...users].sort());
    },
  );

  it('puts an emoji after every character of the basic plane', async () => {
    const { table } = await loadInteractions(
      reader(['🦊', '\ufffd', 'z', '\ud7ff', '🦊a'].map((item) => event('u', item))),
    );
    expect(table.itemIds).toEqual(['z', '\ud7ff', '\ufffd', '🦊', '🦊a']);
  });

  it('counts what it leaves out, and numbers only what is left', async () => {
    const loaded = await loadInteractions(reader([event('a', 'x', { value: 3.999 }), event('b', 'y', { value: 4 })]), {
      minValue: 4,
    });
    expect(loaded.leftOut).toBe(1);
    expect(ids(loaded.table)).toEqual(['b:y']);
    expect(loaded.table.userIds).toEqual(['b']);
  });

  it('counts all row errors and keeps the first ten', async () => {
    const { rowErrors } = await loadInteractions(
      reader([event('a', 'x'), ...Array.from({ length: 25 }, (_, n) => `wrong ${n}`)]),
    );
    expect(rowErrors.count).toBe(25);
    expect(rowErrors.first).toHaveLength(10);
    expect(rowErrors.first[0]).toEqual({ file: 'f', line: 2, reason: 'wrong 0' });
  });

  it('remembers the parts of a given split', async () => {
    const { table } = await loadInteractions(
      reader([], { train: [event('a', 'x'), event('a', 'y')], test: [event('a', 'z')] }),
      { given: true },
    );
    expect([...table.parts!]).toEqual([0, 0, 2]);
  });

  it('says why nothing is left', async () => {
    const code = 'TANDEM_DATASET_EMPTY';
    await expect(loadInteractions(reader(['no columns']))).rejects.toMatchObject({
      code,
      message: expect.stringContaining('f:1: no columns'),
    });
    await expect(loadInteractions(reader([event('a', 'x')]), { minValue: 2 })).rejects.toMatchObject({
      code,
      message: expect.stringContaining('filters'),
    });
    await expect(loadInteractions(reader([]))).rejects.toSatisfy(TandemError.is);
  });

  it('stops when told', async () => {
    await expect(
      loadInteractions(reader([event('a', 'x')]), { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });

  it('grows beyond its first buffers', async () => {
    const seen: number[] = [];
    const many = Array.from({ length: 40_000 }, (_, n) => event(String(n % 700), String(n), { atMs: n }));
    const { table } = await loadInteractions(reader(many), { onProgress: (read) => seen.push(read) });
    expect(ids(table)).toEqual(many.map(({ user, item }) => `${user}:${item}`));
    expect(seen).toEqual([16_384, 32_768, 40_000]);
  });
});

describe('loadItems', () => {
  it('keeps the last description of an item', async () => {
    const { items } = await loadItems(reader([]));
    expect(items.map(({ id, text }) => [id, text['title']])).toEqual([
      ['a', 'A again'],
      ['b', undefined],
    ]);
  });
});
