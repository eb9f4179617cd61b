import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { local } from '@tandem-rec/store-local';
import { eventLog } from '@tandem-rec/source-event-log';
import { systemClock, testEnvironment } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { newestCheckpoint } from '../test/newest-checkpoint.ts';
import { temporaryFolder } from '../test/run-command.ts';
import { runTandem, TandemProcess, type Ended } from '../test/tandem-process.ts';

const CONFIG = `
name: bad input
source: { use: eventLog, options: { file: events.sqlite } }
domain: [{ use: fism, options: { dim: 8 } }, popularity]
language: { use: transformer, options: { encoder: subwords, dim: 8, hidden: 16, features: 8, buckets: 4096 } }
sharing: bridge
fusion: gate
store: { use: local, options: { folder: run } }
training: { checkpoint: { everyEvents: 256 } }
`;

const START_MS = Date.UTC(2024, 0, 1);
const good = (k: number, more: object = {}): string =>
  JSON.stringify({ user: `u${k % 20}`, item: `i${(k * 7) % 50}`, at: START_MS + k * 1000, id: k, ...more });
const goodOnes = (from: number, count: number): string[] => Array.from({ length: count }, (_, k) => good(from + k));

/** A run's folder with its configuration and an event log of these values. */
async function runFolder(values: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'tandem.config.yaml'), CONFIG);
  await append(folder, values);
  return folder;
}

async function append(folder: string, values: readonly string[]): Promise<void> {
  const sink = await eventLog.definition.createSink!(
    eventLog.definition.options.parse({ file: 'events.sqlite' }),
    testEnvironment({ folder, clock: systemClock }),
  );
  await sink.append(values.map((value) => ({ key: 'u', value })));
  await sink.close();
}

const start = (folder: string, ...more: readonly string[]): Promise<Ended> =>
  runTandem(folder, ['start', '.', '--once', '--json', '-', ...more]);

async function learned(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const ended = await start(folder);
  expect(ended).toMatchObject({ code: 0 });
  return JSON.parse(ended.out) as Readonly<Record<string, unknown>>;
}

/** One error for people: its code, no stack trace, not taken for a fault of ours. */
function expectRefused({ code, err }: Ended, error: string, message: RegExp): void {
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(new RegExp(`^${error}: `, 'm')) });
  expect(err).toMatch(message);
  expect(err).not.toMatch(/^\s+at .*:\d+/m);
  expect(err).not.toMatch(/UnhandledPromise|fault of ours|undefined/i);
}

const isThere = (folder: string, pattern: string) => (): boolean => globSync(join(folder, 'run', pattern)).length > 0;

describe('records that cannot be used', () => {
  const BAD = [
    ['{"user": "u1", "item"', 'TANDEM_RECORD_MALFORMED', /JSON/],
    ['["u1", "i1"]', 'TANDEM_RECORD_INVALID', /A record is a JSON object/],
    [JSON.stringify({ item: 'i1', at: START_MS }), 'TANDEM_RECORD_INVALID', /^user is missing\.$/],
    [good(1, { item: undefined }), 'TANDEM_RECORD_INVALID', /^item is missing\.$/],
    [good(1, { at: undefined }), 'TANDEM_RECORD_INVALID', /^at is milliseconds/],
    [good(1, { at: 'yesterday' }), 'TANDEM_RECORD_INVALID', /yesterday/],
    [good(1, { value: 'five' }), 'TANDEM_RECORD_INVALID', /^value is a finite number/],
    [good(1, { at: -1 }), 'TANDEM_RECORD_ABSURD_TIME', /1990/],
    [good(1, { at: START_MS / 1000 }), 'TANDEM_RECORD_ABSURD_TIME', /looks like seconds/],
    [good(1, { at: Date.UTC(2999, 0, 1) }), 'TANDEM_RECORD_ABSURD_TIME', /2999|32472/],
    [JSON.stringify({ type: 'item', item: 'i1', text: 7 }), 'TANDEM_RECORD_INVALID', /^text is/],
    [JSON.stringify({ type: 'itme', item: 'i1' }), 'TANDEM_RECORD_INVALID', /itme/],
  ] as const;

  it('are counted and put aside with reason and position; the run goes on to its end', async () => {
    const folder = await runFolder(goodOnes(0, 100));
    await append(
      folder,
      BAD.flatMap(([value], k) => [value, good(100 + k)]),
    );
    // The same events again, one unknown item without a record, and one with.
    await append(folder, [
      ...goodOnes(50, 30),
      good(900, { item: 'never described' }),
      JSON.stringify({ type: 'item', item: 'described', text: 'A described item' }),
      good(901, { item: 'described' }),
    ]);
    const summary = await learned(folder);
    expect(summary).toMatchObject({
      records: 100 + 2 * BAD.length + 33,
      events: 100 + BAD.length + 2,
      items: 1,
      duplicates: 30,
      bad: BAD.length,
      deadLetters: BAD.length,
      catalogue: 52,
    });

    const store = await local.definition.create({ folder: join(folder, 'run'), keep: 3 }, testEnvironment());
    const letters = store.deadLetters.list(100).toSorted((a, b) => a.offset - b.offset);
    await store.close();
    expect(letters.map(({ offset, code, value }) => ({ offset, code, value }))).toEqual(
      BAD.map(([value, code], k) => ({ offset: 101 + 2 * k, code, value })),
    );
    BAD.forEach(([, , reason], k) => expect(letters[k].reason).toMatch(reason));

    const inspected = await runTandem(folder, ['inspect', '.', '--dead-letters', '3', '--json', '-']);
    expect(inspected).toMatchObject({ code: 0 });
    expect(JSON.parse(inspected.out)).toMatchObject({ run: { deadLetters: { count: BAD.length } } });
  });
});

describe('a run directory that cannot be used', () => {
  it('is refused while another process writes it, naming that process; it does not mind', async () => {
    const folder = await runFolder(goodOnes(0, 300));
    const first = new TandemProcess(folder, ['start', '.', '--json', 'first.json']);
    await first.until(isThere(folder, 'checkpoints/*.tandem'));
    expectRefused(await start(folder), 'TANDEM_RUN_LOCKED', new RegExp(`process ${first.pid}\\b`));
    first.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
    expect((await newestCheckpoint(join(folder, 'run'))).states['loop'].values['events']).toBe(300);
  });

  it('is refused to another composition, naming the difference', async () => {
    const folder = await runFolder(goodOnes(0, 100));
    await learned(folder);
    expectRefused(
      await start(folder, '--set', 'seed=6', '--set', 'training.replay=0'),
      'TANDEM_CHECKPOINT_OTHER_COMPOSITION',
      /seed.*42.*6[^]*replay/,
    );
    expectRefused(
      await runTandem(folder, ['recommend', 'u1', '--config', '.', '--set', 'seed=6']),
      'TANDEM_CHECKPOINT_OTHER_COMPOSITION',
      /seed.*42.*6/,
    );
    expect(await learned(folder)).toMatchObject({ events: 100, replayedBatches: 0 });
  });

  it('ends the run where a checkpoint cannot be written; the old one stays, and the run resumes from it', async () => {
    const folder = await runFolder(goodOnes(0, 300));
    await learned(folder);
    const old = await newestCheckpoint(join(folder, 'run'));
    const checkpoints = join(folder, 'run', 'checkpoints');
    const tandem = new TandemProcess(folder, ['start', '.', '--once']);
    await tandem.until(isThere(folder, 'run.lock.json'));
    await append(folder, goodOnes(300, 40));
    await tandem.until(() => /is learning/.test(tandem.err));
    renameSync(checkpoints, `${checkpoints}-aside`);
    writeFileSync(checkpoints, 'not a folder');
    expectRefused(await tandem.ended, 'TANDEM_CHECKPOINT_WRITE', /checkpoint-0+\d+\.tandem could not be written/);
    rmSync(checkpoints);
    renameSync(`${checkpoints}-aside`, checkpoints);
    expect(await newestCheckpoint(join(folder, 'run'))).toEqual(old);
    expect(await learned(folder)).toMatchObject({ events: 340, duplicates: 0 });
  });

  it('ends the run where the disk is full, and resumes when there is room', async () => {
    const folder = await runFolder(goodOnes(0, 600));
    // The journal fits, a checkpoint does not.
    expectRefused(
      await new TandemProcess(folder, ['start', '.', '--once'], {}, 64).ended,
      'TANDEM_CHECKPOINT_WRITE',
      /EFBIG|ENOSPC|too large/i,
    );
    expect(readdirSync(join(folder, 'run', 'checkpoints')), 'nothing half written stays').toEqual([]);
    const summary = await learned(folder);
    expect(summary).toMatchObject({ events: 600, duplicates: 0 });
    expect(summary['replayedBatches']).toBeGreaterThan(0);
  });

  it.each([
    ['journal', 'TANDEM_JOURNAL_WRITE'],
    ['dead-letters.sqlite', 'TANDEM_DEAD_LETTER_WRITE'],
  ])('ends the run where %s cannot be written', async (name, code) => {
    const folder = await runFolder([...goodOnes(0, 20), '{']);
    mkdirSync(join(folder, 'run'));
    const path = join(folder, 'run', name);
    if (name === 'journal') writeFileSync(path, '');
    else mkdirSync(path);
    expectRefused(await start(folder), code, new RegExp(name));
    expect(existsSync(join(folder, 'run', 'checkpoints'))).toBe(false);
    rmSync(path, { recursive: true });
    expect(await learned(folder)).toMatchObject({ events: 20, deadLetters: 1 });
  });

  it('is refused where it is a file', async () => {
    const folder = await runFolder(goodOnes(0, 20));
    writeFileSync(join(folder, 'run'), '');
    expectRefused(await start(folder), 'TANDEM_RUN_UNWRITABLE', /run/);
  });
});

describe('a source that lost records', () => {
  it('is refused where what was read next is gone', async () => {
    const folder = await runFolder(goodOnes(0, 100));
    await learned(folder);
    for (const file of globSync(join(folder, 'events.sqlite*'))) rmSync(file);
    await append(folder, goodOnes(0, 10));
    expectRefused(await start(folder), 'TANDEM_SOURCE_OFFSET_OUT_OF_RANGE', /no offset 101: it holds 1 to 10/);
  });

  it('is refused where the journal has more than the source', async () => {
    const folder = await runFolder(goodOnes(0, 200));
    const tandem = new TandemProcess(folder, ['start', '.']);
    await tandem.until(() => journalled(folder) >= 3);
    tandem.kill('SIGKILL');
    await tandem.ended;
    expect(isThere(folder, 'checkpoints/*.tandem')(), 'killed before the first checkpoint').toBe(false);
    const database = new DatabaseSync(join(folder, 'events.sqlite'));
    database.exec('delete from records where offset > 100');
    database.close();
    expectRefused(await start(folder), 'TANDEM_JOURNAL_MISMATCH', /source has (none of them|\d+ at)/);
  });

  it('is refused where it is no log', async () => {
    const folder = await runFolder(goodOnes(0, 10));
    for (const file of globSync(join(folder, 'events.sqlite*'))) rmSync(file);
    writeFileSync(
      join(folder, 'events.sqlite'),
      'this is not a database, but a text that is long enough to be taken for one',
    );
    expectRefused(await start(folder), 'TANDEM_SOURCE_UNREADABLE', /events\.sqlite/);
  });
});

/** Entries in the journal of a run. */
function journalled(folder: string): number {
  const files = globSync(join(folder, 'run', 'journal', '*.log'));
  return files.reduce((sum, file) => sum + readFileSync(file, 'latin1').split('"sequence"').length - 1, 0);
}
