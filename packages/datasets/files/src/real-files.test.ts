import { dirname } from 'node:path';
import type { DatasetReader, PluginUse, RowError } from '@tandem-rec/contract';
import { itemText } from '@tandem-rec/data';
import { dataFolder, requireOrSkip } from '@tandem-rec/testing';
import { testEnvironment } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';

import { amazonSequential, goodreads, lightgcnFiles, movielens100k, movielensLatest } from './index.ts';

const open = (use: PluginUse<'dataset-reader'>): DatasetReader =>
  use.definition.create(
    use.definition.options.parse(use.options),
    testEnvironment({ dataFolder: dirname(dataFolder('any')) }),
  ) as DatasetReader;

interface Counts {
  users: number;
  items: number;
  interactions: number;
  described: number;
}

async function count(reader: DatasetReader): Promise<Counts> {
  const users = new Set<string>();
  const items = new Set<string>();
  const fail = (error: RowError): never => expect.fail(JSON.stringify(error));
  let interactions = 0;
  for await (const { user, item } of reader.interactions(fail)) {
    users.add(user);
    items.add(item);
    interactions++;
  }
  let described = 0;
  for await (const item of reader.items(fail)) if (itemText(item) !== '') described++;
  return { users: users.size, items: items.size, interactions, described };
}

describe.each([
  ['ml-100k', movielens100k(), { users: 943, items: 1682, interactions: 100_000, described: 1682 }],
  ['ml-latest-small', movielensLatest(), { users: 610, items: 9724, interactions: 100_836, described: 9742 }],
  ['amazon-beauty', amazonSequential(), { users: 22_363, items: 12_101, interactions: 198_502, described: 12_101 }],
  ['gowalla', lightgcnFiles(), { users: 29_858, items: 40_981, interactions: 810_128 + 217_242, described: 0 }],
  ['goodreads-once', goodreads(), { users: 23_089, items: 15_441, interactions: 180_240, described: 16_833 }],
] as const)('%s', (name, use, expected) => {
  const { available } = requireOrSkip('data', name);
  it.skipIf(!available)('holds what its authors say, without a row error', async () => {
    expect(await count(open(use))).toEqual(expected);
  });
});

const { available } = requireOrSkip('data', 'ml-100k');
it.skipIf(!available)('says items of ml-100k in the words that encoders separate best', async () => {
  const items = await collect(open(movielens100k()).items(() => undefined));
  expect(itemText(items[0])).toBe("Toy Story (1995). Animation, Children's, Comedy");
});

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
