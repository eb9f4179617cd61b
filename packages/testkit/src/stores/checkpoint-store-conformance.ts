import {
  TandemError,
  type Checkpoint,
  type CheckpointStore,
  type DeadLetter,
  type JournalEntry,
  type NamedArray,
} from '@tandem-rec/contract';
import { afterEach, describe, expect, it } from 'vitest';

/** A store's world for one test: a folder, a bucket. */
export interface StoreWorld {
  /** A new store object over the same run, as another process would open it. */
  open(): CheckpointStore | Promise<CheckpointStore>;
  /** Makes the newest checkpoint unreadable behind the store's back. Absent: the test of it is skipped. */
  damageNewest?(): void | Promise<void>;
  /** Removes the last bytes of the journal behind the store's back, as a power cut may. All stores are closed. Absent: skipped. */
  tearJournal?(): void | Promise<void>;
  /** Removes it all; called after the test. The stores were closed before. */
  close?(): void | Promise<void>;
}

export interface CheckpointStoreConformance {
  /** For the title of the suite. */
  readonly name: string;
  /** Makes an empty run that keeps at least 2 checkpoints. Called once a test. */
  readonly create: () => StoreWorld | Promise<StoreWorld>;
}

/** The contract of a checkpoint store, as tests. Call it in a vitest file. */
export function checkpointStoreConformance({ name, create }: CheckpointStoreConformance): void {
  describe(`${name} conforms to CheckpointStore`, () => {
    const opened: CheckpointStore[] = [];
    let world: StoreWorld | undefined;

    afterEach(async () => {
      await closeAll();
      await world?.close?.();
      world = undefined;
    });

    async function closeAll(): Promise<void> {
      for (const store of opened.splice(0)) await store.close();
    }

    async function open(): Promise<CheckpointStore> {
      world ??= await create();
      const store = await world.open();
      opened.push(store);
      return store;
    }

    describe('checkpoints', () => {
      it('an empty run has none', async () => {
        const store = await open();
        expect(await store.read(), 'read() of an empty run is undefined').toBeUndefined();
        expect(await store.list()).toEqual([]);
        expect(await store.read('no-such-id'), 'read(id) of an unknown id is undefined').toBeUndefined();
      });

      it('gives back what was written, to another process too: every element type, every bit', async () => {
        const written = checkpointNumber(1);
        const info = await (await open()).write(written);
        expect(info).toMatchObject({ sequence: 1, atMs: written.atMs });
        expect(info.bytes, 'CheckpointInfo.bytes is the size of what was written').toBeGreaterThan(0);
        for (const store of [opened[0], await open()]) {
          const read = await store.read();
          expect(read, 'read() gives back the newest checkpoint').toBeDefined();
          expect({ ...read, states: undefined }).toEqual({ ...written, states: undefined });
          expect(Object.keys(read!.states)).toEqual(Object.keys(written.states));
          for (const [component, state] of Object.entries(written.states)) {
            const back = read!.states[component];
            expect([back.version, back.values], `version and values of ${component} must come back`).toEqual([
              state.version,
              state.values,
            ]);
            expect(back.arrays.length, `${component} has ${state.arrays.length} arrays`).toBe(state.arrays.length);
            for (const [i, array] of state.arrays.entries()) sameArray(back.arrays[i], array, component);
          }
        }
      });

      it('has written what the arrays held when write was called, once it resolves', async () => {
        const store = await open();
        const live = new Float32Array(1000).fill(1);
        await store.write({
          ...checkpointNumber(1),
          states: {
            live: { version: 1, values: {}, arrays: [{ name: 'a', shape: [1000], owner: 'item', data: live }] },
          },
        });
        live.fill(2);
        expect(
          (await store.read())!.states['live'].arrays[0].data[999],
          'a checkpoint must not follow the arrays after write has resolved',
        ).toBe(1);
      });

      it('lists the newest first and reads it, or the one that is asked for', async () => {
        const store = await open();
        const first = await store.write(checkpointNumber(1));
        const second = await store.write(checkpointNumber(2));
        expect(await (await open()).list(), 'list() is newest first').toEqual([second, first]);
        expect((await store.read())?.sequence).toBe(2);
        expect((await store.read(first.id))?.sequence, 'read(id) reads that one').toBe(1);
      });

      it('falls back to the one before when the newest is damaged', async ({ skip }) => {
        const store = await open();
        skip(world!.damageNewest === undefined, 'the world offers no damageNewest');
        await store.write(checkpointNumber(1));
        await store.write(checkpointNumber(2));
        await world!.damageNewest!();
        expect((await store.read())?.sequence, 'a damaged checkpoint must be skipped').toBe(1);
        expect(
          (await store.list()).map(({ sequence }) => sequence),
          'a damaged checkpoint must not be listed',
        ).toEqual([1]);
        await store.write(checkpointNumber(2));
        expect((await store.read())?.sequence, 'writing its number again replaces the damaged one').toBe(2);
      });
    });

    describe('lock', () => {
      it('is for one, and can be given back', async () => {
        const [a, b] = [await open(), await open()];
        const lock = await a.lock();
        const refused = await b.lock().then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(TandemError.is(refused) ? refused.code : refused, 'a second lock() must throw TANDEM_RUN_LOCKED').toBe(
          'TANDEM_RUN_LOCKED',
        );
        await lock.release();
        await lock.release();
        await (await b.lock()).release();
      });

      it('does not keep readers out', async () => {
        const [writer, reader] = [await open(), await open()];
        await writer.lock();
        await writer.write(checkpointNumber(1));
        expect((await reader.read())?.sequence, 'reading needs no lock').toBe(1);
      });
    });

    describe('journal', () => {
      const sequences = async (store: CheckpointStore, after: number): Promise<readonly number[]> =>
        (await store.journal.after(after)).map(({ sequence }) => sequence);

      it('gives back the entries after a number, in order, to another process too', async () => {
        const store = await open();
        expect(await store.journal.after(0), 'an empty journal has no entries').toEqual([]);
        const entries = [1, 2, 3, 4].map(entryNumber);
        for (const entry of entries) await store.journal.append(entry);
        for (const reader of [store, await open()]) {
          expect(await reader.journal.after(0)).toEqual(entries);
          expect(await reader.journal.after(2)).toEqual(entries.slice(2));
          expect(await reader.journal.after(4)).toEqual([]);
        }
      });

      it('goes on where another process stopped', async () => {
        await (await open()).journal.append(entryNumber(1));
        await closeAll();
        const store = await open();
        await store.journal.append(entryNumber(2));
        expect(await sequences(store, 0)).toEqual([1, 2]);
      });

      it('leaves out an entry that was torn, and replaces it', async ({ skip }) => {
        const writer = await open();
        skip(world!.tearJournal === undefined, 'the world offers no tearJournal');
        for (const sequence of [1, 2, 3]) await writer.journal.append(entryNumber(sequence));
        await closeAll();
        await world!.tearJournal!();
        const store = await open();
        expect(await sequences(store, 0), 'a torn last entry is left out').toEqual([1, 2]);
        await store.journal.append(entryNumber(3));
        await store.journal.append(entryNumber(4));
        expect(await sequences(store, 0), 'appending goes on after what was whole').toEqual([1, 2, 3, 4]);
      });

      it('keeps what follows when it forgets', async () => {
        const store = await open();
        for (let sequence = 1; sequence <= 10; sequence++) {
          await store.journal.append(entryNumber(sequence));
          if (sequence % 3 === 0) await store.journal.forget(sequence - 1);
        }
        expect(await sequences(store, 8), 'forget(n) must keep every entry after n').toEqual([9, 10]);
        await store.journal.forget(10);
        await store.journal.append(entryNumber(11));
        expect(await sequences(store, 10)).toEqual([11]);
        await closeAll();
        expect(await sequences(await open(), 10)).toEqual([11]);
      });
    });

    describe('dead letters', () => {
      it('keeps one of a position, in any number of replays', async () => {
        const store = await open();
        expect(store.deadLetters.count()).toBe(0);
        expect(store.deadLetters.list(10)).toEqual([]);
        const letters = [0, 1, 2].map(letterNumber);
        await store.deadLetters.add(letters);
        await store.deadLetters.add(letters.slice(1));
        await store.deadLetters.add([letterNumber(3)]);
        expect(store.deadLetters.count(), 'writing the same position twice keeps one').toBe(4);
        await closeAll();
        const again = await open();
        await again.deadLetters.add([letterNumber(3)]);
        expect(again.deadLetters.count(), 'writing the same position twice keeps one, across processes').toBe(4);
        expect(again.deadLetters.list(10).toSorted((a, b) => a.offset - b.offset)).toEqual([
          ...letters,
          letterNumber(3),
        ]);
        expect(again.deadLetters.list(2), 'list(limit) gives at most limit').toHaveLength(2);
      });
    });

    it('closes as often as it is told to, and gives its lock back', async () => {
      const store = await open();
      await store.lock();
      await store.close();
      await store.close();
      await (await (await open()).lock()).release();
    });
  });
}

function sameArray(read: NamedArray, written: NamedArray, component: string): void {
  expect([read.name, read.shape, read.owner]).toEqual([written.name, written.shape, written.owner]);
  expect(read.data.constructor.name, `${component}/${written.name} must come back as the class it was`).toBe(
    written.data.constructor.name,
  );
  // Bytes, not numbers: −0 and the payload of a NaN are part of a state.
  expect(bytesOf(read), `${component}/${written.name} must come back bit for bit`).toEqual(bytesOf(written));
}

const bytesOf = ({ data }: NamedArray): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

function checkpointNumber(sequence: number): Checkpoint {
  const shared = new Float32Array(new SharedArrayBuffer(48), 16, 6).fill(sequence);
  return {
    sequence,
    atMs: 1_700_000_000_000 + sequence / 4,
    composition: { hash: 'c0ffee', description: { domain: ['a', { 'ключ 🙂': [1.5, null, true, ''] }] } },
    platform: { node: '22', threads: 1 },
    offsets: { 0: 2 ** 40 + sequence, 17: 0 },
    journalSequence: sequence * 100,
    states: {
      numbers: {
        version: 7,
        values: { nested: { list: [1e-300, -1, 0.1], text: 'line\nbreak \u0000' } },
        arrays: [
          {
            name: 'float32',
            shape: [2, 3],
            owner: 'item',
            data: new Float32Array([1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-42, 3]),
          },
          { name: 'uint8', shape: [3], owner: 'common', data: new Uint8Array([0, 255, 3]) },
          { name: 'float64', shape: [2], owner: 'user', data: new Float64Array([Math.PI, -Number.MIN_VALUE]) },
          { name: 'uint16', shape: [1], owner: 'common', data: new Uint16Array([65_535]) },
          { name: 'int32', shape: [2], owner: 'user', data: new Int32Array([-(2 ** 31), 2 ** 31 - 1]) },
          { name: 'uint32', shape: [1, 1], owner: 'common', data: new Uint32Array([2 ** 32 - 1]) },
          { name: 'bigint64', shape: [2], owner: 'common', data: new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]) },
          { name: 'part of a buffer', shape: [2], owner: 'item', data: new Float32Array([9, 8, 7, 6]).subarray(1, 3) },
          { name: 'shared memory', shape: [6], owner: 'item', data: shared },
          { name: 'empty', shape: [0, 4], owner: 'item', data: new Float32Array(0) },
        ],
      },
      'a name/with 漢字': { version: 1, values: {}, arrays: [] },
    },
  };
}

const entryNumber = (sequence: number): JournalEntry => ({
  sequence,
  segments: [
    { partition: 0, from: sequence * 10, to: sequence * 10 + 9, count: 10 },
    { partition: 3, from: 2 ** 40, to: 2 ** 40, count: 1 },
  ],
  decisions: sequence % 2 ? {} : { skip: ['sprache 🙂'], ranked: 0.25 },
});

const letterNumber = (offset: number): DeadLetter => ({
  partition: offset % 2,
  offset,
  code: 'TANDEM_RECORD_MALFORMED',
  reason: `Unexpected token at ${offset} ‽`,
  value: offset === 1 ? null : '{"user": "ada\u0000',
  atMs: 1_700_000_000_000 + offset,
});
