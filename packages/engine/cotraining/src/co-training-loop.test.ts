import { SeededRng } from '@tandem-rec/compute';
import { TandemError, type Checkpoint, type Positions, type SourceRecord, type State } from '@tandem-rec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cheapTable, type TableChanges } from '../test/cheap-table.ts';
import { Crash, crashingWorld, Disk, Fate, RestlessClock, type Moment } from '../test/crashing-world.ts';
import { CoTrainer } from './co-trainer.ts';
import { CoTrainingLoop } from './co-training-loop.ts';
import type { LoopWorld } from './loop-world.ts';

const START_MS = Date.UTC(2024, 0, 1);
const RUNNING = new AbortController().signal;
const TRAINING = {
  batch: { events: 8, timeoutMs: 1_000_000 },
  checkpoint: { everyEvents: 40, everySeconds: 1e9 },
  replay: 1,
  rank: { share: 0.7 },
};

/** A stream of everything that may come: interactions with and without ids, repeats, items, bad records, tombstones. Offsets have gaps. */
function streams(seed: number, lengths: readonly number[]): SourceRecord[][] {
  const rng = new SeededRng(seed, 'stream');
  return lengths.map((length, partition) => {
    let offset = rng.int(5);
    return Array.from({ length }, (_, k): SourceRecord => {
      offset += 1 + (rng.int(10) === 0 ? rng.int(4) : 0);
      const dice = rng.int(20);
      const [user, item] = [`u${partition}-${rng.int(6)}`, `i${rng.int(4 + (k >> 2))}`];
      const value =
        dice === 0
          ? '{"user":'
          : dice === 1
            ? null
            : dice === 2
              ? JSON.stringify({ type: 'item', item, text: `title ${rng.int(3)}` })
              : JSON.stringify({
                  user,
                  item,
                  at: START_MS + k,
                  ...(dice > 5 && { id: `${partition}-${k - (dice === 6 ? 3 : 0)}` }),
                });
      return { partition, offset, value };
    });
  });
}

/** One process over a disk, until its end or its crash. */
async function live(
  disk: Disk,
  partitions: readonly (readonly SourceRecord[])[],
  fate: Fate,
  changes: TableChanges,
  step: number,
): Promise<'ended' | Moment> {
  const loop = new CoTrainingLoop(
    cheapTable({ training: TRAINING, ...changes }),
    crashingWorld(disk, partitions, fate, new RestlessClock(START_MS, step)),
  );
  try {
    await loop.open();
    expect(await loop.run(RUNNING)).toBe('ended');
    await loop.close();
    return 'ended';
  } catch (error) {
    if (error instanceof Crash) return error.message as Moment;
    throw error;
  }
}

const bitsOf = ({ states, offsets, journalSequence }: Checkpoint): unknown => ({ states, offsets, journalSequence });

/** What the decisions of a journal make of a stream, without any loop. */
async function decided(
  { history }: Disk,
  partitions: readonly (readonly SourceRecord[])[],
  changes: TableChanges,
): Promise<Readonly<Record<string, State>>> {
  const trainer = new CoTrainer(cheapTable({ training: TRAINING, ...changes }), () => 0);
  await trainer.begin();
  for (const { segments, decisions } of [...history.values()].toSorted((a, b) => a.sequence - b.sequence)) {
    const records = segments.flatMap(({ partition, from, to }) =>
      partitions[partition].filter(({ offset }) => offset >= from && offset <= to),
    );
    await trainer.process(records, decisions['atMs'] as number, new Set(decisions['skip'] as string[]));
  }
  return trainer.save();
}

const letters = (disk: Disk): readonly string[] =>
  [...disk.letters.values()].map(({ partition, offset, code }) => `${partition}:${offset} ${code}`).toSorted();
const crashes = fc.array(fc.nat(60), { minLength: 1, maxLength: 6 });

describe('a run that crashes anywhere, any number of times', () => {
  it('ends in the same bits as one that does not', async () => {
    const crashedAt = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.nat(200), crashes, async (seed, length, fates) => {
        const partitions = streams(seed, [length]);
        const whole = new Disk();
        expect(await live(whole, partitions, new Fate(Infinity), { seed }, 1)).toBe('ended');
        const broken = new Disk();
        for (const [k, moments] of fates.entries())
          crashedAt.add(await live(broken, partitions, new Fate(moments), { seed }, 2 + k));
        expect(await live(broken, partitions, new Fate(Infinity), { seed }, 9)).toBe('ended');
        expect(bitsOf(broken.newest)).toEqual(bitsOf(whole.newest));
        expect(letters(broken)).toEqual(letters(whole));
      }),
      { numRuns: 60, seed: 7 },
    );
    expect([...crashedAt].toSorted()).toEqual([
      'after append',
      'after write',
      'before append',
      'before forget',
      'before write',
      'commit',
      'dead letters',
      'ended',
      'poll',
      'torn append',
      'torn write',
    ]);
  });

  it('is what its journal decided, also where partitions come in any order and time leaves participants out', async () => {
    const skipped = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(fc.nat(80), { minLength: 2, maxLength: 3 }),
        crashes,
        async (seed, lengths, fates) => {
          const partitions = streams(seed, lengths);
          const changes = { seed, training: { ...TRAINING, budget: { language: 0.03 } } };
          const disk = new Disk();
          for (const [k, moments] of [...fates, Infinity].entries())
            await live(disk, partitions, new Fate(moments), changes, 1 + k);
          expect(disk.newest.states).toEqual(await decided(disk, partitions, changes));
          expect(disk.newest.states['loop'].values['records']).toBe(lengths.reduce((sum, length) => sum + length, 0));
          for (const { decisions } of disk.history.values()) skipped.add((decisions['skip'] as string[]).join());
        },
      ),
      { numRuns: 60, seed: 8 },
    );
    expect([...skipped].toSorted()).toEqual(['', 'words']);
  });
});

/** A loop over a disk and one partition; `change` may spoil the world. */
function loopOver(
  disk: Disk,
  records: readonly SourceRecord[],
  { change, ...changes }: TableChanges & { readonly change?: (world: LoopWorld) => Partial<LoopWorld> } = {},
): CoTrainingLoop {
  const world = crashingWorld(disk, [records], new Fate(Infinity), new RestlessClock(START_MS, 1));
  return new CoTrainingLoop(cheapTable({ training: TRAINING, ...changes }), { ...world, ...change?.(world) });
}

async function toTheEnd(loop: CoTrainingLoop): Promise<void> {
  await loop.open();
  await loop.run(RUNNING);
  await loop.close();
}

/** The disk of a run that was killed in the middle, some batches after a checkpoint (or before the first one). */
async function killed(records: readonly SourceRecord[], moments: number): Promise<Disk> {
  const disk = new Disk();
  expect(await live(disk, [records], new Fate(moments), {}, 1)).not.toBe('ended');
  expect(disk.journal.length).toBeGreaterThan(1);
  return disk;
}

describe('CoTrainingLoop', () => {
  const [records] = streams(3, [160]);

  it('goes on where the journal began, although the source would begin elsewhere today', async () => {
    const whole = new Disk();
    await toTheEnd(loopOver(whole, records));
    const disk = await killed(records, 12);
    expect(disk.checkpoints).toEqual([]);
    const opened: (readonly (readonly [number, number])[])[] = [];
    const fromLatest = ({ source }: LoopWorld): Partial<LoopWorld> => ({
      source: {
        ...source,
        open: (positions) =>
          source.open((opened.push([...positions]), positions.size > 0 ? positions : new Map([[0, 1e9]]))),
      },
    });
    await toTheEnd(loopOver(disk, records, { change: fromLatest }));
    expect(opened).toEqual([[[0, records[0].offset]]]);
    expect(bitsOf(disk.newest)).toEqual(bitsOf(whole.newest));
  });

  it.each([
    [
      'fewer records than the journal',
      (all: readonly SourceRecord[], journalled: number) => all.slice(0, journalled - 3),
      /none of them|source has \d/,
    ],
    [
      'other offsets',
      (all: readonly SourceRecord[]) => all.map((record) => ({ ...record, offset: record.offset + 1 })),
      /source has \d+ at/,
    ],
  ])('refuses a source that has %s, whether it ends or goes on', async (_, change, message) => {
    const disk = await killed(records, 12);
    const journalled = disk.journal.reduce((sum, { segments }) => sum + segments[0].count, 0);
    const changed = change(records, journalled);
    for (const ended of [true, false]) {
      const endless = ({ source }: LoopWorld): Partial<LoopWorld> => ({
        source: { ...source, poll: async (...args) => ({ ...(await source.poll(...args)), ...(!ended && { ended }) }) },
      });
      const loop = loopOver(disk, changed, { change: endless });
      await loop.open();
      await expect(loop.run(RUNNING)).rejects.toMatchObject({
        code: 'TANDEM_JOURNAL_MISMATCH',
        message: expect.stringMatching(message),
      });
      await loop.close(false);
    }
  });

  it('waits for a source that is away', async () => {
    const disk = await killed(records, 12);
    let away = 5;
    const late = ({ source }: LoopWorld): Partial<LoopWorld> => ({
      source: {
        ...source,
        lag: async () => (away > 0 ? undefined : source.lag?.()),
        poll: async (...args) => (away-- > 0 ? { records: [], ended: false } : source.poll(...args)),
      },
    });
    await toTheEnd(loopOver(disk, records, { change: late }));
    expect(away).toBeLessThan(0);
    expect(disk.newest.states['loop'].values['records']).toBe(records.length);
  });

  it('makes the same state of the checkpoint before, should the newest be damaged', async () => {
    const disk = new Disk();
    await toTheEnd(loopOver(disk, records));
    const before = disk.newest;
    disk.checkpoints.pop();
    const batches = before.journalSequence - disk.newest.journalSequence;
    const again = loopOver(disk, records);
    await toTheEnd(again);
    expect(again.replayed).toBe(batches);
    expect(bitsOf(disk.newest)).toEqual(bitsOf(before));
  });

  it('reads on from an old checkpoint where the journal does not reach back to it, and loses nothing', async () => {
    const disk = new Disk();
    await toTheEnd(loopOver(disk, records));
    disk.checkpoints.splice(1);
    expect(disk.journal[0].sequence).toBeGreaterThan(disk.newest.journalSequence + 1);
    const warnings: string[] = [];
    const listening = ({ log }: LoopWorld): Partial<LoopWorld> => ({
      log: { ...log, warn: (message) => warnings.push(message) },
    });
    await toTheEnd(loopOver(disk, records, { change: listening }));
    expect(warnings).toEqual([expect.stringContaining('does not reach back')]);
    expect(disk.newest.states['loop'].values['records']).toBe(records.length);
  });

  it('refuses the checkpoint of another composition, naming the difference, and gives the lock back', async () => {
    const disk = new Disk();
    await toTheEnd(loopOver(disk, records));
    let held = 0;
    const counting = ({ store }: LoopWorld): Partial<LoopWorld> => ({
      store: { ...store, lock: async () => (held++, { release: async () => void held-- }) },
    });
    const other = loopOver(disk, records, { hash: 'b', change: counting });
    await expect(other.open()).rejects.toMatchObject({
      code: 'TANDEM_CHECKPOINT_OTHER_COMPOSITION',
      message: expect.stringContaining('{"hash":"a"} → {"hash":"b"}'),
    });
    await other.close(false);
    expect(held).toBe(0);
  });

  it('ends with the old checkpoint intact where a new one cannot be written', async () => {
    const disk = new Disk();
    const full = ({ store }: LoopWorld): Partial<LoopWorld> => ({
      store: {
        ...store,
        write: (checkpoint) =>
          disk.checkpoints.length > 0
            ? Promise.reject(new TandemError('TANDEM_CHECKPOINT_WRITE', 'full'))
            : store.write(checkpoint),
      },
    });
    const loop = loopOver(disk, records, { change: full });
    await loop.open();
    await expect(loop.run(RUNNING)).rejects.toMatchObject({ code: 'TANDEM_CHECKPOINT_WRITE' });
    await loop.close(false);
    expect(disk.checkpoints).toHaveLength(1);
    const whole = new Disk();
    await toTheEnd(loopOver(whole, records));
    await toTheEnd(loopOver(disk, records));
    expect(bitsOf(disk.newest)).toEqual(bitsOf(whole.newest));
  });

  it('ends with a code where a record cannot be journalled, having learned nothing of it', async () => {
    const disk = new Disk();
    const full = ({ store }: LoopWorld): Partial<LoopWorld> => ({
      store: {
        ...store,
        journal: {
          ...store.journal,
          append: (entry) => {
            if (entry.sequence > 3) throw new TandemError('TANDEM_JOURNAL_WRITE', 'full');
            return store.journal.append(entry);
          },
        },
      },
    });
    const loop = loopOver(disk, records, { change: full });
    await loop.open();
    await expect(loop.run(RUNNING)).rejects.toMatchObject({ code: 'TANDEM_JOURNAL_WRITE' });
    expect(loop.trainer.counts.records).toBe(24);
  });

  it('stops at a batch boundary when asked, and goes on from there', async () => {
    const whole = new Disk();
    await toTheEnd(loopOver(whole, records));
    const disk = new Disk();
    const stop = new AbortController();
    const stopping = ({ source }: LoopWorld): Partial<LoopWorld> => ({
      source: {
        ...source,
        poll: async (...args) => (disk.journal.at(-1)?.sequence === 4 && stop.abort(), source.poll(...args)),
      },
    });
    const loop = loopOver(disk, records, { change: stopping });
    await loop.open();
    expect(await loop.run(stop.signal)).toBe('stopped');
    await loop.close();
    expect(disk.newest.journalSequence).toBe(4);
    await toTheEnd(loopOver(disk, records));
    expect(bitsOf(disk.newest)).toEqual(bitsOf(whole.newest));
  });

  it('commits what is in the checkpoint, and writes none where nothing happened', async () => {
    const disk = new Disk();
    await toTheEnd(loopOver(disk, records));
    expect([...disk.committed]).toEqual([[0, records.at(-1)!.offset + 1]]);
    const count = disk.newest.sequence;
    await toTheEnd(loopOver(disk, records));
    expect(disk.newest.sequence).toBe(count);
  });

  it('answers between two batches while it learns', async () => {
    const loop = loopOver(new Disk(), records);
    await loop.open();
    const counts: number[] = [];
    let running = true;
    const asking = (async () => {
      while (running) {
        counts.push(await loop.between(async () => loop.trainer.counts.records));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await loop.run(RUNNING);
    running = false;
    await asking;
    expect(counts.length).toBeGreaterThan(2);
    expect(counts.every((count) => count % 8 === 0 || count === records.length)).toBe(true);
  });

  it('stops while it waits for a source that is away at the start', async () => {
    const disk = new Disk();
    const stop = new AbortController();
    const away = ({ source }: LoopWorld): Partial<LoopWorld> => ({
      source: {
        ...source,
        open: (_, signal) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason as Error));
            setImmediate(() => stop.abort(new Error('Ctrl-C')));
          }),
        lag: () => Promise.reject(new Error('It is not open.')),
      },
    });
    const loop = loopOver(disk, records, { change: away });
    await loop.open();
    expect(await loop.run(stop.signal)).toBe('stopped');
    await loop.close();
    expect(disk.newest.offsets).toEqual({});
    await toTheEnd(loopOver(disk, records));
    expect(disk.newest.states['loop'].values['records']).toBe(records.length);
  });

  it('throws what keeps a source from opening', async () => {
    const broken = ({ source }: LoopWorld): Partial<LoopWorld> => ({
      source: { ...source, open: () => Promise.reject(new Error('wrong password')) },
    });
    const loop = loopOver(new Disk(), records, { change: broken });
    await loop.open();
    await expect(loop.run(RUNNING)).rejects.toThrow('wrong password');
  });

  it('keeps where silent partitions start, in the first checkpoint and in one after a resume', async () => {
    const disk = new Disk();
    const opened: Positions[] = [];
    const run = async (partitions: number): Promise<void> => {
      const loop = loopOver(disk, records, {
        change: ({ source }) => ({
          source: {
            ...source,
            open: async (positions, signal) => {
              opened.push(positions);
              const start = new Map(await source.open(positions, signal));
              for (let p = 1; p < partitions; p++) start.set(p, positions.get(p) ?? 70 + p);
              return start;
            },
          },
        }),
      });
      await toTheEnd(loop);
    };
    const read = records.at(-1)!.offset + 1;
    await run(2);
    expect(disk.newest.offsets).toEqual({ 0: read, 1: 71 });
    await run(3);
    expect(disk.newest.offsets).toEqual({ 0: read, 1: 71, 2: 72 });
    await run(3);
    expect(opened.map((positions) => Object.fromEntries(positions))).toEqual([
      {},
      { 0: read, 1: 71 },
      { 0: read, 1: 71, 2: 72 },
    ]);
  });

  describe('with an idle limit', () => {
    /** Nothing comes for some polls, as from a consumer that has not joined its group yet; then the stream, without an end. */
    const late =
      (polls: number, lag: 'known' | 'unknown at first' | 'not offered') =>
      ({ source }: LoopWorld): Partial<LoopWorld> => {
        let left = polls;
        const { lag: told, ...rest } = source;
        return {
          source: {
            ...rest,
            poll: async (...args) =>
              left-- > 0 ? { records: [], ended: false } : { ...(await source.poll(...args)), ended: false },
            ...(lag !== 'not offered' && {
              lag: async () => (lag === 'unknown at first' && left > 0 ? undefined : told?.()),
            }),
          },
        };
      };
    const ended = async (change: ReturnType<typeof late>): Promise<number> => {
      const loop = loopOver(new Disk(), records, { change });
      await loop.open();
      expect(await loop.run(RUNNING, { idleMs: 1 })).toBe('reached');
      return loop.trainer.counts.records;
    };

    it.each(['known', 'unknown at first'] as const)(
      'does not take a source for read that has not begun (lag %s)',
      async (lag) => expect(await ended(late(50, lag))).toBe(records.length),
    );

    it('goes by silence alone where a source cannot tell its lag', async () => {
      expect(await ended(late(50, 'not offered'))).toBe(0);
    });
  });

  it('says on which platform the checkpoint was written, if it was another', async () => {
    const disk = new Disk();
    const said: unknown[] = [];
    const on =
      (platform: LoopWorld['platform']) =>
      ({ log }: LoopWorld): Partial<LoopWorld> => ({
        platform,
        log: { ...log, warn: (...line) => said.push(line) },
      });
    const here = { backend: 'wasm', threads: 2, node: 'v22.1.0', host: 'a' };
    await toTheEnd(loopOver(disk, records, { change: on(here) }));
    await toTheEnd(loopOver(disk, records, { change: on({ ...here, host: 'b' }) }));
    expect(said).toEqual([]);
    await toTheEnd(loopOver(disk, records, { change: on({ ...here, threads: 4, kernel: 'simd' }) }));
    expect(said).toEqual([
      [expect.stringContaining('another platform'), { differences: ['threads: 2 → 4', 'kernel: (unknown) → "simd"'] }],
    ]);
  });
});
