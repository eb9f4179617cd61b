import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { SourceRecord } from '@tandem-rec/contract';
import { systemClock, testEnvironment } from '@tandem-rec/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { eventLog } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-log-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

async function freshLog(changes: { readonly from?: 'earliest' | 'latest' } = {}) {
  const env = testEnvironment({ folder, clock: systemClock });
  const options = eventLog.definition.options.parse({ file: `${files++}.sqlite`, pollMs: 1, ...changes });
  return {
    path: join(folder, options.file),
    log: env.log,
    source: await eventLog.definition.create(options, env),
    sink: await eventLog.definition.createSink!(options, env),
  };
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ key: 'u', value: String(i) }));
const values = (records: readonly SourceRecord[]): readonly unknown[] => records.map(({ value }) => value);

describe('eventLog', () => {
  it('starts where the options say when there are no positions', async () => {
    const { source, sink } = await freshLog({ from: 'latest' });
    await sink.append(numbered(3));
    await source.open(new Map());
    await sink.append([{ key: 'u', value: 'new' }]);
    expect(values((await source.poll(10, 1_000)).records)).toEqual(['new']);
  });

  it('offsets have no gaps, and deleted ones are out of range', async () => {
    const { path, source, sink } = await freshLog();
    await sink.append(numbered(5));
    await source.open(new Map());
    expect((await source.poll(10, 0)).records.map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5]);
    await source.close();
    const database = new DatabaseSync(path);
    database.exec('delete from records where offset <= 2');
    await expect(source.open(new Map([[0, 2]]))).rejects.toMatchObject({
      code: 'TANDEM_SOURCE_OFFSET_OUT_OF_RANGE',
      message: expect.stringContaining('3 to 5'),
    });
    database.exec('delete from records');
    database.close();
    await expect(source.open(new Map([[0, 5]]))).rejects.toMatchObject({ code: 'TANDEM_SOURCE_OFFSET_OUT_OF_RANGE' });
    await source.open(new Map([[0, 6]]));
    await sink.append(numbered(1));
    expect((await source.poll(10, 0)).records.map(({ offset }) => offset)).toEqual([6]);
  });

  it('threads and processes that append at the same time lose nothing', async () => {
    const { path, source, sink, log } = await freshLog();
    const writer = `
      const { workerData } = require('node:worker_threads');
      const { DatabaseSync } = require('node:sqlite');
      const database = new DatabaseSync(workerData.path);
      database.exec('pragma busy_timeout = 20000');
      const insert = database.prepare("insert into records (key, value, at) values ('w', ?, 0)");
      for (let i = 0; i < 50; i++) { database.exec('begin immediate'); for (let j = 0; j < 20; j++) insert.run(workerData.name + ' ' + (i * 20 + j)); database.exec('commit'); }`;
    await source.open(new Map());
    const workers = ['a', 'b'].map((name) => new Worker(writer, { eval: true, workerData: { path, name } }));
    const ended = Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
    for (let i = 0; i < 50; i++)
      await sink.append(Array.from({ length: 20 }, (_, j) => ({ key: 'c', value: `c ${i * 20 + j}` })));
    const seen: string[] = [];
    while (seen.length < 3000) {
      const { records } = await source.poll(500, 20_000);
      if (records.length === 0) break;
      seen.push(...records.map(({ value }) => String(value)));
    }
    expect(await ended).toEqual([0, 0]);
    for (const name of ['a', 'b', 'c'])
      expect(seen.filter((value) => value.startsWith(name))).toEqual(
        Array.from({ length: 1000 }, (_, i) => `${name} ${i}`),
      );
    expect(log.lines.every(({ level }) => level === 'warn')).toBe(true);
  });

  it('waits for a writer that keeps the file, saying so', async () => {
    const { path, sink, log } = await freshLog();
    await sink.append(numbered(1));
    const holder = new DatabaseSync(path);
    holder.exec('begin immediate');
    const appending = sink.append(numbered(1));
    await systemClock.sleep(300);
    expect(log.lines[0]?.message).toMatch(/busy; waiting/);
    holder.exec('commit');
    holder.close();
    await appending;
  });

  it('an unreadable file is an error with a code', async () => {
    const { path, source, sink } = await freshLog();
    writeFileSync(path, 'this is not a database, it is only text of some length that goes on for a while');
    await expect(source.open(new Map())).rejects.toMatchObject({
      code: 'TANDEM_SOURCE_UNREADABLE',
      message: expect.stringContaining(path),
    });
    await expect(sink.append(numbered(1))).rejects.toMatchObject({ code: 'TANDEM_SOURCE_UNWRITABLE' });
    expect(readFileSync(path, 'utf8')).toMatch(/^this is not/);
  });

  it('a damaged page is an error with a code', async () => {
    const { path, source, sink } = await freshLog();
    await sink.append(Array.from({ length: 2_000 }, (_, i) => ({ key: 'u', value: `${i} ${'x'.repeat(100)}` })));
    await sink.close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, 8192, bytes.length));
    const reading = (async () => {
      await source.open(new Map());
      await source.poll(2_000, 0);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'TANDEM_SOURCE_UNREADABLE' });
  });

  it('a path that cannot be is an error with a code', async () => {
    writeFileSync(join(folder, 'a-file'), '');
    const env = testEnvironment({ folder });
    const source = await eventLog.definition.create(
      eventLog.definition.options.parse({ file: 'a-file/log.sqlite' }),
      env,
    );
    await expect(source.open(new Map())).rejects.toMatchObject({ code: 'TANDEM_SOURCE_UNREADABLE' });
  });
});
