import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogueItem, DatasetReader, GivenPart, Interaction, PluginUse, RowError } from '@tandem-rec/contract';
import { testEnvironment } from '@tandem-rec/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  amazonSequential,
  delimited,
  goodreads,
  jsonl,
  lightgcnFiles,
  movielens100k,
  movielensLatest,
} from './index.ts';
import { splitFields } from './read-delimited.ts';

const EPOCH = Date.UTC(2000, 0);

/** Makes the reader as the kernel does, with a folder of files under the name `data`. */
async function open(
  use: PluginUse<'dataset-reader'>,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<DatasetReader> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-files-'));
  mkdirSync(join(folder, 'data'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, 'data', name), content);
  return use.definition.create(
    use.definition.options.parse(use.options),
    testEnvironment({ folder, dataFolder: join(folder, 'nothing-here') }),
  );
}

async function all(
  reader: DatasetReader,
  part?: GivenPart,
): Promise<{ interactions: Interaction[]; items: CatalogueItem[]; errors: string[] }> {
  const errors: string[] = [];
  const onError = ({ file, line, reason }: RowError): number =>
    errors.push(`${file.split('/').at(-1)}:${line} ${reason}`);
  return {
    interactions: await collect(reader.interactions(onError, part)),
    items: await collect(reader.items(onError)),
    errors,
  };
}

describe('movielens100k', () => {
  const flags = (...genres: number[]): string =>
    Array.from({ length: 19 }, (_, genre) => (genres.includes(genre) ? 1 : 0)).join('|');

  it('reads ratings, titles and genres', async () => {
    const reader = await open(movielens100k({ folder: 'data' }), {
      'u.data': '196\t242\t3\t881250949\n1\t2\tthree\t1\n1\t2\t3\n\t2\t3\t1\n1\t2\t3\tsoon\r\n',
      'u.item': Buffer.from(
        `1|Misérables, Les (1995)|d||u|${flags(3, 4)}\n2|T|d||u|${flags(0)}\n3|short|0\n`,
        'latin1',
      ),
    });
    const { interactions, items, errors } = await all(reader);
    expect(interactions).toEqual([{ user: '196', item: '242', atMs: 881250949000, kind: 'rating', value: 3 }]);
    expect(items).toEqual([
      { id: '1', text: { title: 'Misérables, Les (1995)' }, categories: ['Animation', "Children's"] },
      { id: '2', text: { title: 'T' }, categories: [] },
    ]);
    expect(errors.map((error) => error.split(' ')[0])).toEqual([
      'u.data:2',
      'u.data:3',
      'u.data:4',
      'u.data:5',
      'u.item:3',
    ]);
    await expect(all(reader, 'test')).rejects.toMatchObject({ code: 'TANDEM_DATASET_NO_SPLIT' });
  });

  it('says what to set when the files are not there', async () => {
    const missing = {
      code: 'TANDEM_DATASET_MISSING',
      message: expect.stringContaining('u.data'),
      remedy: expect.stringContaining('TANDEM_DATA'),
    };
    await expect(all(await open(movielens100k()))).rejects.toMatchObject(missing);
    const use = movielens100k();
    const environment = { ...testEnvironment(), dataFolder: undefined };
    await expect(all(await use.definition.create(use.definition.options.parse({}), environment))).rejects.toMatchObject(
      missing,
    );
  });
});

describe('movielensLatest', () => {
  const files = {
    'ratings.csv': 'userId,movieId,rating,timestamp\n1,11,4.5,964982703\n1,11\n',
    'movies.csv':
      'movieId,title,genres\r\n11,"American ""P"", The (1995)",Comedy|Drama\r\n12,Plain (2000),(no genres listed)\r\n',
    'tags.csv': 'userId,movieId,tag,timestamp\n1,11,Funny,1\n2,11,wise,1\n3,11,funny,2\n4,11,"a, b",2\n',
  };

  it('reads quoted titles', async () => {
    const { interactions, items, errors } = await all(await open(movielensLatest({ folder: 'data' }), files));
    expect(interactions).toEqual([{ user: '1', item: '11', atMs: 964982703000, kind: 'rating', value: 4.5 }]);
    expect(items).toEqual([
      { id: '11', text: { title: 'American "P", The (1995)' }, categories: ['Comedy', 'Drama'] },
      { id: '12', text: { title: 'Plain (2000)' }, categories: [] },
    ]);
    expect(errors).toEqual(['ratings.csv:3 Expected 4 fields, not 2.']);
  });

  it('adds the most frequent tags where they are wanted', async () => {
    const { items } = await all(await open(movielensLatest({ folder: 'data', tags: 2 }), files));
    expect(items[0].text).toEqual({ title: 'American "P", The (1995)', tags: 'funny, a, b' });
  });
});

describe('amazonSequential', () => {
  it('turns places into times, and flattens category paths', async () => {
    const reader = await open(amazonSequential({ folder: 'data', name: 'toys' }), {
      'sequential_data.txt': '7 3 1\n\n8 2\n',
      'items.jsonl':
        '{"id":1,"title":"A","categories":[["Toys","Cars"],["Toys","Red"]]}\n{"title":"no id"}\n{"id":2,"title":""}\nnonsense\n',
    });
    expect(reader).toMatchObject({ name: 'toys', chronology: 'order' });
    const { interactions, items, errors } = await all(reader);
    expect(interactions.map(({ user, item, atMs }) => [user, item, atMs])).toEqual([
      ['7', '3', EPOCH],
      ['7', '1', EPOCH + 3_600_000],
      ['8', '2', EPOCH],
    ]);
    expect(items).toEqual([
      { id: '1', text: { title: 'A' }, categories: ['Toys', 'Cars', 'Red'] },
      { id: '2', text: {}, categories: [] },
    ]);
    expect(errors.map((error) => error.split(' ')[0])).toEqual(['items.jsonl:2', 'items.jsonl:4']);
  });
});

describe('goodreads', () => {
  const files = {
    'histories.jsonl':
      '{"u":7,"h":[3,"1"]}\r\n\n{"u":8}\n{"h":[1]}\n{"u":9,"h":[1,null]}\n[]\n{"u":10,"h":[]}\n{"u":11,"h":[3]',
    'items.jsonl':
      '{"id":1,"bid":"9","title":"A","gpt35_desc":"About A."}\n{"id":3,"title":"","gpt35_desc":7}\n{"title":"no id"}\n',
  };

  it('reads lists of books without times, and says what is wrong with others', async () => {
    const reader = await open(goodreads({ folder: 'data' }), files);
    expect(reader).toMatchObject({ name: 'goodreads-once', chronology: 'none' });
    const { interactions, items, errors } = await all(reader);
    expect(interactions.map(({ user, item }) => [user, item])).toEqual([
      ['7', '3'],
      ['7', '1'],
    ]);
    expect(items).toEqual([
      { id: '1', text: { title: 'A' }, categories: [] },
      { id: '3', text: {}, categories: [] },
    ]);
    expect(errors.map((error) => error.replace(/Not JSON: .*/, 'Not JSON'))).toEqual([
      'histories.jsonl:3 h is no list.',
      'histories.jsonl:4 u is missing or no id.',
      'histories.jsonl:5 h holds something that is no id.',
      'histories.jsonl:6 Not a JSON object.',
      'histories.jsonl:8 Not JSON',
      'items.jsonl:3 id is missing or no id.',
    ]);
    await expect(all(reader, 'test')).rejects.toMatchObject({ code: 'TANDEM_DATASET_NO_SPLIT' });
  });

  it('has what GPT-3.5 wrote where it is wanted', async () => {
    const { items } = await all(await open(goodreads({ folder: 'data', descriptions: true }), files));
    expect(items.map(({ text }) => text)).toEqual([{ title: 'A', description: 'About A.' }, {}]);
  });
});

describe('lightgcnFiles', () => {
  it('gives its own parts, and all of them together', async () => {
    const reader = await open(lightgcnFiles({ folder: 'data' }), { 'train.txt': '0 5 6\n1\n', 'test.txt': '0 7' });
    const pairs = async (part?: GivenPart): Promise<string[]> =>
      (await all(reader, part)).interactions.map(({ user, item }) => `${user}:${item}`);
    expect(await pairs('train')).toEqual(['0:5', '0:6']);
    expect(await pairs('valid')).toEqual([]);
    expect(await pairs('test')).toEqual(['0:7']);
    expect(await pairs()).toEqual(['0:5', '0:6', '0:7']);
    expect(reader.chronology).toBe('none');
  });
});

describe('delimited', () => {
  it('maps columns by name', async () => {
    const use = delimited({
      file: 'data/e.csv',
      columns: { user: 'who', item: 'what', at: 'when', kind: 'how', value: 'much', id: 'id' },
      time: 'iso',
      items: {
        file: 'data/i.csv',
        columns: { id: 'sku', text: { title: 'name', about: 'note' }, categories: 'tags' },
        categorySeparator: ';',
      },
    });
    const reader = await open(use, {
      'e.csv':
        '\ufeffmuch,who,what,when,how,id\r\n2.5,u1,"i,1",2020-01-01T00:00:00Z,buy,e1\r\n1,u1,i2,2020-01-01,buy,\r\n',
      'i.csv': 'sku,name,note,tags\ni1,"Two\nlines",,red; blue\n,x,,\n',
    });
    const { interactions, items, errors } = await all(reader);
    expect(interactions).toEqual([
      { user: 'u1', item: 'i,1', atMs: Date.UTC(2020, 0), kind: 'buy', value: 2.5, id: 'e1' },
    ]);
    expect(items).toEqual([{ id: 'i1', text: { title: 'Two\nlines' }, categories: ['red', 'blue'] }]);
    expect(errors).toEqual(['e.csv:3 The event id "" is no id.', 'i.csv:4 The item is no id.']);
  });

  it('maps columns by number, and takes the order of the file for time', async () => {
    const reader = await open(
      delimited({
        file: 'data/e.dat',
        separator: '::',
        header: false,
        quotes: false,
        columns: { user: 2, item: 1 },
        kind: 'view',
      }),
      {
        'e.dat': '"i::u\ni2::u\nlonely\n',
      },
    );
    expect(reader).toMatchObject({ name: 'e.dat', chronology: 'order' });
    const { interactions, errors } = await all(reader);
    expect(interactions).toEqual([
      { user: 'u', item: '"i', atMs: EPOCH, kind: 'view', value: 1 },
      { user: 'u', item: 'i2', atMs: EPOCH + 1000, kind: 'view', value: 1 },
    ]);
    expect(errors).toEqual(['e.dat:3 The user "" is no id.']);
  });

  it.each([
    ['1,2,x,5', 'e.csv:1 The time "x" is not a number of seconds.'],
    ['1,2,,5', 'e.csv:1 The time "" is not a number of seconds.'],
    ['1,2,1e999,5', 'e.csv:1 The time "1e999" is not a number of seconds.'],
    ['1,2,3,', 'e.csv:1 The value "" is not a number.'],
    ['1,2,3,0x10', 'e.csv:1 The value "0x10" is not a number.'],
    ['1,2,3,NaN', 'e.csv:1 The value "NaN" is not a number.'],
    ['1,"2', 'e.csv:1 A quote is not closed.'],
  ])('counts the row %j', async (row, error) => {
    const use = delimited({
      file: 'data/e.csv',
      header: false,
      columns: { user: 1, item: 2, at: 3, value: 4 },
      time: 'seconds',
    });
    expect(await all(await open(use, { 'e.csv': row }))).toEqual({ interactions: [], items: [], errors: [error] });
  });

  it('names the columns there are when one is missing', async () => {
    const use = delimited({ file: 'data/e.csv', columns: { user: 'user', item: 'item' } });
    await expect(all(await open(use, { 'e.csv': 'user,product\n1,2\n' }))).rejects.toMatchObject({
      code: 'TANDEM_DATASET_UNREADABLE',
      message: expect.stringContaining('no column "item"'),
      remedy: expect.stringContaining('user, product'),
    });
  });

  it('reads the parts of a split of one’s own', async () => {
    const use = delimited({ file: 'data/a.csv', test: 'data/b.csv', columns: { user: 'u', item: 'i' } });
    const reader = await open(use, { 'a.csv': 'u,i\n1,2\n', 'b.csv': 'i,u\n3,1\n' });
    expect((await all(reader, 'test')).interactions).toMatchObject([{ user: '1', item: '3' }]);
    expect((await all(reader, 'valid')).interactions).toEqual([]);
    expect((await all(reader)).interactions.map(({ item }) => item)).toEqual(['2', '3']);
  });

  it('reads back any fields that are quoted as RFC 4180 says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', ',', '"', ' ', ';') }), { minLength: 1 }),
        fc.constantFrom(',', ';;'),
        (fields, separator) => {
          const text = fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(separator);
          expect(splitFields(text, { separator, quote: '"' })).toEqual(fields);
        },
      ),
    );
  });
});

describe('jsonl', () => {
  it('maps fields', async () => {
    const use = jsonl({
      file: 'data/e.jsonl',
      columns: { user: 'uid', item: 'sku', at: 'ts', value: 'stars' },
      time: 'seconds',
      items: { file: 'data/i.jsonl', columns: { id: 'sku', text: { title: 'name' }, categories: 'tags' } },
    });
    const reader = await open(use, {
      'e.jsonl':
        '{"uid":1,"sku":"a","ts":5,"stars":4}\n{"uid":1.5,"sku":"a","ts":5,"stars":4}\n{"uid":1,"sku":"a","ts":null,"stars":4}\n{"uid":1\n[]\n',
      'i.jsonl': '{"sku":"a","name":"A","tags":[["x","y"],"x"]}\n{"sku":"b","name":null,"tags":"x"}\n',
    });
    const { interactions, items, errors } = await all(reader);
    expect(interactions).toEqual([{ user: '1', item: 'a', atMs: 5000, kind: 'interaction', value: 4 }]);
    expect(items).toEqual([{ id: 'a', text: { title: 'A' }, categories: ['x', 'y'] }]);
    expect(errors.map((error) => error.split(' ')[0])).toEqual([
      'e.jsonl:2',
      'e.jsonl:3',
      'e.jsonl:4',
      'e.jsonl:5',
      'i.jsonl:2',
    ]);
  });
});

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
