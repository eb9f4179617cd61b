import type { CatalogueItem, DatasetReader, Interaction } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from './decode-record.ts';
import { streamDataset } from './stream-dataset.ts';

const event = (user: string, item: string, atMs: number, value = 1): Interaction => ({
  user,
  item,
  atMs,
  kind: 'click',
  value,
});
const item = (id: string, availableAtMs?: number): CatalogueItem => ({
  id,
  text: { title: id },
  categories: [],
  ...(availableAtMs !== undefined && { availableAtMs }),
});

const reader = (interactions: readonly Interaction[], items: readonly CatalogueItem[]): DatasetReader => ({
  name: 'small world',
  chronology: 'time',
  async *interactions() {
    yield* interactions;
  },
  async *items() {
    yield* items;
  },
});

describe('streamDataset', () => {
  it('puts items before they can be met and interactions in the order of time, ties as in the file', async () => {
    const stream = await streamDataset(
      reader(
        [event('b', 'x', 30), event('a', 'y', 10), event('c', 'y', 10)],
        [item('late', 20), item('y'), item('after', 99), item('x')],
      ),
    );
    const order = [...stream.records()].map(({ type, key }) => `${type[1]}:${key}`);
    expect(order).toEqual(['t:y', 't:x', 'n:a', 'n:c', 't:late', 'n:b', 't:after']);
    expect([stream.interactions, stream.items]).toEqual([3, 4]);
  });

  it('gives every interaction an id that is the same each time', async () => {
    const ids = async (): Promise<unknown[]> => {
      const stream = await streamDataset(reader([event('b', 'x', 30), event('a', 'y', 10)], []));
      return [...stream.records()].map(({ value }) => (JSON.parse(value) as { id: string }).id);
    };
    expect(await ids()).toEqual(['small-world:1', 'small-world:0']);
    expect(await ids()).toEqual(await ids());
  });

  it('numbers interactions by their place in the dataset, whatever is left out, and keeps ids of their own', async () => {
    const events = [
      event('a', 'x', 10, 2),
      event('b', 'y', 20, 5),
      { ...event('c', 'z', 30, 3), id: 'left out' },
      { ...event('d', 'x', 40, 4), id: 'own' },
      event('e', 'y', 50, 5),
    ];
    const ids = async (options: { minValue?: number; kinds?: readonly string[] }): Promise<Record<string, string>> => {
      const stream = await streamDataset(reader(events, []), options);
      const sent = [...stream.records()].map(({ value }) => JSON.parse(value) as { user: string; id: string });
      return Object.fromEntries(sent.map(({ user, id }) => [user, id]));
    };
    const all = await ids({});
    expect(all).toEqual({ a: 'small-world:0', b: 'small-world:1', c: 'left out', d: 'own', e: 'small-world:4' });
    expect(await ids({ minValue: 4 })).toEqual({ b: all['b'], d: all['d'], e: all['e'] });
  });

  it('writes what the loop can decode', async () => {
    const stream = await streamDataset(reader([event('a', 'x', 1_700_000_000_000, 4)], [item('x')]));
    const decoded = [...stream.records()].map(({ value }) =>
      decodeRecord(value, { notBeforeMs: 0, notAfterMs: Infinity }),
    );
    expect(decoded.map(({ type }) => type)).toEqual(['item', 'interaction']);
    expect(decoded[1]).toMatchObject({ interaction: { user: 'a', item: 'x', value: 4, atMs: 1_700_000_000_000 } });
  });
});
