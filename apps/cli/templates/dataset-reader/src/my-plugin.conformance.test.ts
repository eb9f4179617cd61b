import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetReader, Interaction, RowError } from '@tandem-rec/contract';
import { testEnvironment } from '@tandem-rec/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { myPlugin } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'my-plugin-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function readerOf(text: string): Promise<DatasetReader> {
  const file = join(folder, 'events.txt');
  writeFileSync(file, text);
  return myPlugin.definition.create({ file, kind: 'click' }, testEnvironment());
}

async function read(
  reader: DatasetReader,
): Promise<{ readonly interactions: readonly Interaction[]; readonly errors: readonly RowError[] }> {
  const [interactions, errors]: [Interaction[], RowError[]] = [[], []];
  for await (const interaction of reader.interactions((error) => errors.push(error))) interactions.push(interaction);
  return { interactions, errors };
}

describe('my-plugin#myPlugin', () => {
  it('reads what is there, the same every time', async () => {
    const reader = await readerOf('ada apple 5\nbob pear 7\n');
    const first = await read(reader);
    expect(first.interactions).toEqual([
      { user: 'ada', item: 'apple', atMs: 5000, kind: 'click', value: 1 },
      { user: 'bob', item: 'pear', atMs: 7000, kind: 'click', value: 1 },
    ]);
    expect(await read(reader)).toEqual(first);
  });

  it('counts a row that it cannot read, with its place, and goes on', async () => {
    const { interactions, errors } = await read(await readerOf('ada apple 5\nbob pear\nbob plum later\ncat pear 9\n'));
    expect(interactions.map(({ user }) => user)).toEqual(['ada', 'cat']);
    expect(errors.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('says that a file is missing', async () => {
    const reader = await myPlugin.definition.create(
      { file: join(folder, 'nowhere'), kind: 'click' },
      testEnvironment(),
    );
    await expect(read(reader)).rejects.toMatchObject({ code: 'TANDEM_DATASET_MISSING' });
  });
});
