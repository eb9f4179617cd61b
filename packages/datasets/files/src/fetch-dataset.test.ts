import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetReader, PluginUse } from '@tandem-rec/contract';
import { testEnvironment, type TestEnvironment } from '@tandem-rec/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';

import { zip } from '../test/zip.ts';
import { movielens100k, movielensLatest } from './index.ts';
import { unzip } from './unzip.ts';

const csv = {
  'ml-latest-small/ratings.csv': 'userId,movieId,rating,timestamp\n1,11,4.5,964982703\n',
  'ml-latest-small/movies.csv': 'movieId,title,genres\n11,Heat,Crime\n',
  'ml-latest-small/tags.csv': 'userId,movieId,tag,timestamp\n',
  'ml-latest-small/../escaped.txt': 'no',
  '../escaped.txt': 'no',
};

/** A server of one archive on this machine; counts requests. */
async function serve(answer: RequestListener): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.zip`, requests: () => requests };
}

const send =
  (body: Buffer): RequestListener =>
  (_, response) => {
    response.setHeader('content-length', body.length);
    response.end(body);
  };

function place(): { folder: string; environment: TestEnvironment } {
  const root = mkdtempSync(join(tmpdir(), 'tandem-fetch-'));
  return { folder: join(root, 'ml-latest-small'), environment: testEnvironment({ folder: root, dataFolder: root }) };
}

async function ratings(use: PluginUse<'dataset-reader'>, environment: TestEnvironment): Promise<number> {
  const reader: DatasetReader = await use.definition.create(use.definition.options.parse(use.options), environment);
  let count = 0;
  for await (const _ of reader.interactions(() => undefined)) count++;
  for await (const _ of reader.items(() => undefined)) count += 100;
  return count;
}

describe('download', () => {
  it('fetches what is missing once, and keeps to its folder', async () => {
    const { folder, environment } = place();
    const { url, requests } = await serve(send(zip(csv)));
    expect(await ratings(movielensLatest({ download: url }), environment)).toBe(101);
    expect(await ratings(movielensLatest({ download: url }), environment)).toBe(101);
    expect(requests()).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(['movies.csv', 'ratings.csv', 'tags.csv']);
    expect(existsSync(join(folder, '../escaped.txt'))).toBe(false);
    expect(environment.log.lines.map(({ message }) => message).join('\n')).toContain('non-commercial');
  });

  it('prefers the files that are there', async () => {
    const { folder, environment } = place();
    mkdirSync(folder);
    for (const [path, text] of Object.entries(csv).slice(0, 3)) writeFileSync(join(folder, path.split('/')[1]), text);
    const { url, requests } = await serve(send(Buffer.from('')));
    expect(await ratings(movielensLatest({ download: url }), environment)).toBe(101);
    expect(requests()).toBe(0);
  });

  it.each<[string, RequestListener, RegExp]>([
    ['the server refuses', (_, response) => response.writeHead(404).end(), /answered 404/],
    ['it is no archive', send(Buffer.from('<html>'.repeat(20))), /no zip archive/],
    ['a file is missing', send(zip({ 'a/ratings.csv': '' })), /does not contain movies.csv/],
    [
      'a file is damaged',
      send(flipped(zip({ 'a/x': '', 'a/ratings.csv': 'userId' }), 'userId')),
      /ratings.csv is damaged/,
    ],
    [
      'the connection breaks',
      (_, response) => (
        response.writeHead(200, { 'content-length': 99 }),
        response.write('PK'),
        setTimeout(() => response.destroy(), 20)
      ),
      /./,
    ],
  ])('leaves nothing behind when %s', async (_, answer, reason) => {
    const { folder, environment } = place();
    const { url } = await serve(answer);
    const failed = { code: 'TANDEM_DATASET_DOWNLOAD', message: expect.stringMatching(reason) };
    await expect(ratings(movielensLatest({ download: url }), environment)).rejects.toMatchObject(failed);
    expect(existsSync(folder)).toBe(false);
  });

  it('refuses an archive whose files are not the published ones', async () => {
    const { environment } = place();
    const { url } = await serve(send(zip({ 'ml-100k/u.data': '1\t1\t1\t1\n', 'ml-100k/u.item': '' })));
    await expect(ratings(movielens100k({ download: url }), environment)).rejects.toMatchObject({
      code: 'TANDEM_DATASET_DOWNLOAD',
      message: expect.stringContaining('u.data is not the published file'),
    });
  });

  it('says so when nobody answers', async () => {
    const { environment } = place();
    await expect(ratings(movielensLatest({ download: 'http://127.0.0.1:1/x.zip' }), environment)).rejects.toMatchObject(
      { code: 'TANDEM_DATASET_DOWNLOAD' },
    );
  });
});

describe('unzip', () => {
  it('reads what it should', () => {
    const files = unzip(zip({ 'a/b.txt': 'x'.repeat(1000), 'c.txt': 'é', 'd/': '' }));
    expect([...files].map(([path, content]) => [path, content.toString()])).toEqual([
      ['a/b.txt', 'x'.repeat(1000)],
      ['c.txt', 'é'],
    ]);
  });

  it.skipIf(!hasZip())('reads what the zip command writes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-zip-'));
    mkdirSync(join(folder, 'in'));
    writeFileSync(join(folder, 'in/a.txt'), 'hello '.repeat(500));
    writeFileSync(
      join(folder, 'in/b.bin'),
      Uint8Array.from({ length: 256 }, (_, n) => n),
    );
    execFileSync('zip', ['-q', '-r', 'all.zip', 'in'], { cwd: folder });
    const files = unzip(readFileSync(join(folder, 'all.zip')));
    expect(files.get('in/a.txt')?.toString()).toBe('hello '.repeat(500));
    expect([...files.get('in/b.bin')!]).toEqual(Array.from({ length: 256 }, (_, n) => n));
    expect(files.size).toBe(2);
  });
});

function flipped(archive: Buffer, text: string): Buffer {
  archive[archive.indexOf(text)]++;
  return archive;
}

function hasZip(): boolean {
  try {
    execFileSync('zip', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
