import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TandemError, type Checkpoint, type CheckpointStore, type State } from '@tandem-rec/contract';
import { testEnvironment } from '@tandem-rec/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { local } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'tandem-store-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const freshFolder = (): string => join(root, String(folders++));

async function open(
  folder: string,
  keep = 3,
): Promise<CheckpointStore & { readonly log: ReturnType<typeof testEnvironment>['log'] }> {
  const env = testEnvironment();
  return Object.assign(await local.definition.create({ folder, keep }, env), { log: env.log });
}

const checkpoint = (sequence: number, states: Readonly<Record<string, State>> = {}): Checkpoint => ({
  sequence,
  atMs: 1_700_000_000_000 + sequence,
  composition: { hash: 'abc', description: { domain: ['fism'] } },
  platform: { node: '22' },
  offsets: { 0: sequence * 100 },
  journalSequence: sequence * 10,
  states,
});

const newestPath = (folder: string): string =>
  join(folder, 'checkpoints', readdirSync(join(folder, 'checkpoints')).sort().at(-1)!);
const codeOf = (error: unknown): string => (TandemError.is(error) ? error.code : String(error));

describe('checkpoints', () => {
  it('falls back to the previous one whatever byte of the newest is changed or missing', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    const state = (fill: number): State => ({
      version: 1,
      values: { words: 'é 🙂' },
      arrays: [
        { name: 'rows', shape: [3, 4], owner: 'item', data: new Float32Array(12).fill(fill) },
        { name: 'n', shape: [1], owner: 'common', data: new BigInt64Array([BigInt(fill)]) },
      ],
    });
    await store.write(checkpoint(1, { a: state(1) }));
    await store.write(checkpoint(2, { a: state(2) }));
    const path = newestPath(folder);
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.record({
            kind: fc.constant('flip' as const),
            at: fc.nat(whole.length - 1),
            by: fc.integer({ min: 1, max: 255 }),
          }),
          fc.record({ kind: fc.constant('cut' as const), at: fc.nat(whole.length - 1), by: fc.constant(0) }),
        ),
        async ({ kind, at, by }) => {
          const damaged = kind === 'cut' ? whole.subarray(0, at) : Buffer.from(whole);
          if (kind === 'flip') damaged[at] ^= by;
          writeFileSync(path, damaged);
          expect(await store.read()).toEqual(checkpoint(1, { a: state(1) }));
          expect((await store.list()).map(({ sequence }) => sequence)).toEqual([1]);
        },
      ),
      { numRuns: 150, seed: 1 },
    );
    expect(
      store.log.lines.some(({ level, message }) => level === 'warn' && message.includes('0000000002 is left out')),
    ).toBe(true);
    writeFileSync(path, whole);
    expect((await store.read())?.sequence).toBe(2);
  });

  it('keeps the newest valid ones, and a damaged one does not count', async () => {
    const folder = freshFolder();
    const store = await open(folder, 2);
    for (const sequence of [1, 2, 3]) await store.write(checkpoint(sequence));
    expect((await store.list()).map(({ sequence }) => sequence)).toEqual([3, 2]);
    writeFileSync(newestPath(folder), 'nonsense');
    await store.write(checkpoint(4));
    expect((await store.list()).map(({ sequence }) => sequence)).toEqual([4, 2]);
    await store.write(checkpoint(5));
    expect((await store.list()).map(({ sequence }) => sequence)).toEqual([5, 4]);
    expect(readdirSync(join(folder, 'checkpoints'))).toHaveLength(2);
  });

  it('reads from memory shared with other threads', async () => {
    const store = await open(freshFolder());
    const data = new Float32Array(new SharedArrayBuffer(64), 8, 4).fill(7);
    await store.write(
      checkpoint(1, {
        tables: { version: 1, values: {}, arrays: [{ name: 'rows', shape: [2, 2], owner: 'item', data }] },
      }),
    );
    expect((await store.read())?.states['tables']?.arrays[0]?.data).toEqual(new Float32Array(4).fill(7));
  });

  it('keeps any name of a component and any number of array', async () => {
    const store = await open(freshFolder());
    const empty: State = {
      version: 3,
      values: {},
      arrays: [{ name: '', shape: [0, 5], owner: 'user', data: new Uint16Array(0) }],
    };
    const written = checkpoint(
      1,
      Object.fromEntries([
        ['__proto__', empty],
        ['constructor', empty],
        ['', empty],
      ]),
    );
    await store.write(written);
    const read = await store.read();
    expect(Object.keys(read!.states)).toEqual(['__proto__', 'constructor', '']);
    expect(Object.entries(read!.states)).toEqual(Object.entries(written.states));
  });

  it('refuses an array that contradicts its shape, and names it', async () => {
    const store = await open(freshFolder());
    const writing = store.write(
      checkpoint(1, {
        fism: {
          version: 1,
          values: {},
          arrays: [{ name: 'rows', shape: [3], owner: 'item', data: new Float32Array(2) }],
        },
      }),
    );
    await expect(writing).rejects.toThrow(/fism: the array rows has 2 elements, its shape \[3\] says 3/);
  });

  it('a failed write says so and leaves the older ones valid', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    await store.write(checkpoint(1));
    // The temporary name is taken by a folder: opening it fails, as it does on a full disk.
    const blocked = join(folder, 'checkpoints', `checkpoint-0000000000000002.tandem.${process.pid}.tmp`);
    mkdirSync(blocked);
    await expect(store.write(checkpoint(2))).rejects.toSatisfy((error) => codeOf(error) === 'TANDEM_CHECKPOINT_WRITE');
    expect((await store.read())?.sequence).toBe(1);
    rmSync(blocked, { recursive: true });
    await store.write(checkpoint(2));
    expect((await store.read())?.sequence).toBe(2);
  });

  it('a folder that cannot be made is an error with a code', async () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    const store = await open(join(file, 'run'));
    await expect(store.write(checkpoint(1))).rejects.toSatisfy((error) => codeOf(error) === 'TANDEM_CHECKPOINT_WRITE');
    await expect(store.lock()).rejects.toSatisfy((error) => codeOf(error) === 'TANDEM_RUN_UNWRITABLE');
    expect(() => store.journal.append({ sequence: 1, segments: [], decisions: {} })).toThrow(
      expect.objectContaining({ code: 'TANDEM_JOURNAL_WRITE' }),
    );
    expect(() =>
      store.deadLetters.add([{ partition: 0, offset: 0, code: 'X', reason: '', value: '', atMs: 0 }]),
    ).toThrow(expect.objectContaining({ code: 'TANDEM_DEAD_LETTER_WRITE' }));
    expect(await store.read()).toBeUndefined();
    expect(await store.journal.after(0)).toEqual([]);
    expect(store.deadLetters.count()).toBe(0);
  });

  it('what a killed writer left half done is removed by the next one', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    await store.write(checkpoint(1));
    writeFileSync(join(folder, 'checkpoints', 'checkpoint-0000000000000002.tandem.123.tmp'), 'half');
    await store.lock();
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['checkpoint-0000000000000001.tandem']);
    await store.close();
  });

  it('a reader without the lock sees whole checkpoints while another writes', async () => {
    const folder = freshFolder();
    const writer = await open(folder, 1);
    const reader = await open(folder, 1);
    await writer.write(checkpoint(1));
    const writing = (async () => {
      for (let sequence = 2; sequence <= 40; sequence++) await writer.write(checkpoint(sequence));
    })();
    let seen = 0;
    for (let i = 0; i < 60; i++) {
      const { sequence } = (await reader.read())!;
      expect(sequence).toBeGreaterThanOrEqual(seen);
      seen = sequence;
    }
    await writing;
    expect(reader.log.lines).toEqual([]);
  });
});

describe('journal', () => {
  const entry = (sequence: number) => ({
    sequence,
    segments: [{ partition: 0, from: sequence, to: sequence, count: 1 }],
    decisions: { skip: ['é'] },
  });
  const pathOf = (folder: string): string =>
    join(folder, 'journal', readdirSync(join(folder, 'journal')).sort().at(-1)!);
  const sequences = async (store: CheckpointStore, after = 0): Promise<readonly number[]> =>
    (await store.journal.after(after)).map(({ sequence }) => sequence);

  it('a tail torn at any byte loses the torn entry only, and the next entry takes its place', async () => {
    const folder = freshFolder();
    const first = await open(folder);
    await first.journal.append(entry(1));
    const one = statSync(pathOf(folder)).size;
    await first.journal.append(entry(2));
    await first.close();
    const path = pathOf(folder);
    const whole = readFileSync(path);
    for (let length = one; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const store = await open(folder);
      expect(await sequences(store)).toEqual([1]);
      await store.journal.append(entry(2));
      expect(await sequences(store)).toEqual([1, 2]);
      await store.close();
      rmSync(join(folder, 'journal'), { recursive: true });
      mkdirSync(join(folder, 'journal'));
    }
  });

  it('damage before the end is said, and nothing after it is trusted', async () => {
    const folder = freshFolder();
    for (const sequence of [1, 2, 3]) {
      const store = await open(folder);
      await store.journal.append(entry(sequence));
      await store.close();
    }
    const segments = readdirSync(join(folder, 'journal')).sort();
    const second = join(folder, 'journal', segments[1]!);
    const bytes = readFileSync(second);
    bytes[12]! ^= 1;
    writeFileSync(second, bytes);
    const store = await open(folder);
    expect(await sequences(store)).toEqual([1]);
    expect(store.log.lines.map(({ level }) => level)).toEqual(['warn']);
    await store.journal.append(entry(2));
    expect(await sequences(store)).toEqual([1, 2]);
  });

  it('forgets whole segments and keeps what is needed', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    for (let checkpointed = 0; checkpointed < 50; checkpointed += 10) {
      for (let i = 1; i <= 10; i++) await store.journal.append(entry(checkpointed + i));
      await store.journal.forget(checkpointed);
    }
    expect(readdirSync(join(folder, 'journal')).length).toBeLessThanOrEqual(2);
    expect(await sequences(store, 40)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
    await store.journal.forget(50);
    expect(readdirSync(join(folder, 'journal'))).toEqual([]);
    await store.journal.append(entry(51));
    expect(await sequences(store, 50)).toEqual([51]);
  });

  it.skipIf(process.platform !== 'linux')(
    'a full disk is an error with a code, and the journal goes on when there is space',
    async () => {
      const folder = freshFolder();
      const store = await open(folder);
      await store.journal.append(entry(1));
      await store.journal.forget(1);
      const segment = join(folder, 'journal', 'journal-0000000000000002.log');
      symlinkSync('/dev/full', segment);
      expect(() => store.journal.append(entry(2))).toThrow(
        expect.objectContaining({ code: 'TANDEM_JOURNAL_WRITE', message: expect.stringContaining('ENOSPC') }),
      );
      rmSync(segment);
      await store.journal.append(entry(2));
      expect(await sequences(store)).toEqual([2]);
    },
  );

  it('refuses numbers that do not grow', async () => {
    const store = await open(freshFolder());
    await store.journal.append(entry(5));
    expect(() => store.journal.append(entry(5))).toThrow(/numbers must grow/);
    await store.journal.append(entry(6));
    expect(await sequences(store)).toEqual([5, 6]);
  });
});

describe('dead letters', () => {
  it('keeps a value with zero characters and counts what another process added', async () => {
    const folder = freshFolder();
    const [writer, reader] = [await open(folder), await open(folder)];
    expect(reader.deadLetters.count()).toBe(0);
    const letter = {
      partition: 1,
      offset: 9,
      code: 'TANDEM_RECORD_MALFORMED',
      reason: 'not JSON',
      value: 'a\0b 🙂',
      atMs: 1.5,
    };
    await writer.deadLetters.add([letter, { ...letter, offset: 10, value: null }]);
    await writer.deadLetters.add([{ ...letter, reason: 'said again' }]);
    expect([writer.deadLetters.count(), reader.deadLetters.count()]).toEqual([2, 2]);
    await writer.deadLetters.add([{ ...letter, partition: 2 }]);
    expect([writer.deadLetters.count(), reader.deadLetters.count()]).toEqual([3, 3]);
    expect(reader.deadLetters.list(2)).toEqual([
      { ...letter, partition: 2 },
      { ...letter, offset: 10, value: null },
    ]);
  });
});

describe('lock', () => {
  it('is held against another process, which is named, and ends with its holder even when killed', async () => {
    const folder = freshFolder();
    const source = `
      import { local } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const store = await local.definition.create({ folder: ${JSON.stringify(folder)}, keep: 3 }, { resolvePath: (p) => p, log, clock: { nowMs: () => 0 } });
      await store.lock();
      console.log('locked');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--conditions=@tandem-rec/source', '--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
      const store = await open(folder);
      await expect(store.lock()).rejects.toSatisfy(
        (error) =>
          codeOf(error) === 'TANDEM_RUN_LOCKED' &&
          (error as TandemError).message.includes(`process ${child.pid}`) &&
          (error as TandemError).details['pid'] === child.pid,
      );
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
      const lock = await store.lock();
      await lock.release();
      await lock.release();
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('goes to one of many that want it', async () => {
    const folder = freshFolder();
    const stores = await Promise.all(Array.from({ length: 8 }, () => open(folder)));
    const results = await Promise.allSettled(stores.map((store) => store.lock()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
