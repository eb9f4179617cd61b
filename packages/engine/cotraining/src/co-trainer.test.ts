import {
  EMPTY_STATE,
  type Batch,
  type Participant,
  type SharingStrategy,
  type SourceRecord,
} from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { CheapParticipant, ITEM_TABLE, seatOf } from '../test/cheap-participant.ts';
import { cheapTable, type TableChanges } from '../test/cheap-table.ts';
import { CoTrainer } from './co-trainer.ts';

const NOW_MS = Date.UTC(2024, 5, 1);
const NOBODY: ReadonlySet<string> = new Set();

let offsets = 0;
const record = (value: unknown): SourceRecord => ({
  partition: 3,
  offset: ++offsets,
  value: typeof value === 'string' ? value : JSON.stringify(value),
});
const met = (user: string, item: string, more: object = {}): SourceRecord =>
  record({ user, item, at: NOW_MS - 1000, ...more });

/** A trainer of one participant that writes down what happens to it. */
async function watched(changes: TableChanges = {}) {
  const told: string[] = [];
  const batches: Batch[] = [];
  const inner = new CheapParticipant({ next: () => 0.5 } as never);
  const participant: Participant = {
    attach: (attachment) => inner.attach(attachment),
    predict: async (users, items) => {
      told.push(`predicts for ${users.size} among ${items.items.length}`);
      return inner.predict(users, items);
    },
    learn: async (batch, lessons) => {
      told.push(`learns ${batch.fresh} new of ${batch.size}`);
      batches.push(structuredClone(batch));
      return inner.learn(batch, lessons);
    },
    save: () => inner.save(),
    load: (state) => inner.load(state),
  };
  const strategy: SharingStrategy = {
    arrive: async (items) => void told.push(`arrive ${[...items]}`),
    observe: ({ ranks, batch }) =>
      void told.push(`observe ${batch.fresh}: ${[...ranks['rows']].map((rank) => (rank < 0 ? '-' : '+')).join('')}`),
    exchange: async () => (told.push('exchange'), { lessons: [] }),
    save: () => EMPTY_STATE,
    load() {},
  };
  const trainer = new CoTrainer(
    cheapTable({
      seats: () => [seatOf('rows', 'domain', participant, { tables: [ITEM_TABLE] })],
      grants: [],
      strategy,
      ...changes,
      training: { replay: 0, ...changes.training },
    }),
    () => 0,
  );
  await trainer.begin();
  return {
    trainer,
    told,
    batches,
    process: (records: readonly SourceRecord[]) => trainer.process(records, NOW_MS, NOBODY),
  };
}

describe('CoTrainer', () => {
  it('ranks the events of a batch before anybody learned from them, then learns them', async () => {
    const { told, process } = await watched();
    await process([met('ann', 'a'), met('bob', 'b')]);
    await process([met('ann', 'b')]);
    expect(told).toEqual([
      'arrive 0,1',
      'predicts for 2 among 2',
      'observe 2: ++',
      'exchange',
      'learns 2 new of 2',
      'predicts for 1 among 2',
      'observe 1: +',
      'exchange',
      'learns 1 new of 1',
    ]);
  });

  it('ranks a new item that nobody knows by what everybody knew', async () => {
    const { trainer, process } = await watched();
    for (let k = 0; k < 30; k++) await process([met(`u${k}`, `i${k % 3}`)]);
    const before = trainer.prequential.summary().experts['rows'];
    await process([met('new', 'never seen')]);
    const { byItemAge } = trainer.prequential.summary().experts['rows'];
    expect(byItemAge[0]).toMatchObject({ age: '0', events: before.byItemAge[0].events + 1 });
    expect(trainer.prequential.events).toBe(31);
  });

  it('hands every event the history of its moment, within a batch, too', async () => {
    const { batches, process } = await watched();
    await process([met('ann', 'a'), met('ann', 'b'), met('bob', 'a'), met('ann', 'c')]);
    const [{ users, items, positions, history, values, sequence }] = batches;
    expect({ users: [...users], items: [...items], positions: [...positions], sequence }).toEqual({
      users: [0, 0, 1, 0],
      items: [0, 1, 0, 2],
      positions: [0, 1, 0, 2],
      sequence: 0,
    });
    expect({ offsets: [...history.offsets], past: [...history.items], values: [...values] }).toEqual({
      offsets: [0, 0, 1, 1, 3],
      past: [0, 1, 0],
      values: [1, 1, 1, 1],
    });
    await process([met('bob', 'd')]);
    expect(batches[1]).toMatchObject({ sequence: 4, fresh: 1 });
  });

  it('does not rank what the user has met before, but learns it', async () => {
    const { trainer, told, process } = await watched();
    await process([met('ann', 'a'), met('bob', 'b'), met('ann', 'a')]);
    await process([met('ann', 'a')]);
    expect(told.filter((line) => !line.startsWith('arrive'))).toEqual([
      'predicts for 2 among 2',
      'observe 3: ++-',
      'exchange',
      'learns 3 new of 3',
      'exchange',
      'learns 1 new of 1',
    ]);
    expect(trainer.counts).toMatchObject({ events: 4 });
    expect([...trainer.statistics.itemCounts.subarray(0, 2)]).toEqual([3, 1]);
  });

  it('ranks a share of the events where that is asked for, the same ones every time', async () => {
    const run = async (): Promise<number> => {
      const { trainer, process } = await watched({ training: { rank: { share: 0.25 } } });
      for (let k = 0; k < 200; k++) await process([met(`u${k}`, `i${k % 50}`), met(`v${k}`, `i${(k + 1) % 50}`)]);
      expect(trainer.counts.events).toBe(400);
      return trainer.prequential.events;
    };
    const events = await run();
    expect(Math.abs(events - 100)).toBeLessThan(30);
    expect(await run()).toBe(events);
  });

  it('replays earlier events with the history of then', async () => {
    const { batches, process } = await watched({ training: { replay: 3 } });
    await process([met('ann', 'a', { value: 5 }), met('ann', 'b'), met('ann', 'c')]);
    await process([met('ann', 'd'), met('bob', 'a')]);
    expect([batches[0].size, batches[1].size, batches[1].fresh]).toEqual([3, 8, 2]);
    const { items, positions, history, values } = batches[1];
    for (let row = 2; row < 8; row++) {
      const position = positions[row];
      expect(items[row], 'a replay is an event of before this batch').toBe(position);
      expect([...history.items.subarray(history.offsets[row], history.offsets[row + 1])]).toEqual(
        [0, 1, 2].slice(0, position).toReversed(),
      );
      expect(values[row]).toBe(position === 0 ? 5 : 1);
    }
  });

  it('learns from positives only, and counts the others', async () => {
    const { trainer, batches, process } = await watched({
      training: { positive: { minValue: 4, kinds: ['rating', 'like'] } },
    });
    const dead = await process([
      met('ann', 'a', { kind: 'rating', value: 4 }),
      met('ann', 'b', { kind: 'rating', value: 3.5 }),
      met('ann', 'c', { kind: 'view', value: 5 }),
      met('bob', 'd', { kind: 'like', value: 5 }),
    ]);
    expect([dead, trainer.counts.ignored, trainer.counts.events, batches[0].size]).toEqual([[], 2, 2, 2]);
    expect(trainer.catalogue.row('b'), 'an item that nobody liked is not in the catalogue').toBeUndefined();
    expect(trainer.histories.length(0)).toBe(1);
  });

  it('counts duplicates within the window, and ids only', async () => {
    const { trainer, process } = await watched({ training: { dedupe: { window: 2 } } });
    await process([met('ann', 'a', { id: '1' }), met('ann', 'b', { id: '1' }), met('ann', 'a'), met('ann', 'a')]);
    await process([
      met('ann', 'c', { id: 1 }),
      met('ann', 'c', { id: 2 }),
      met('ann', 'c', { id: 3 }),
      met('ann', 'c', { id: 1 }),
    ]);
    expect(trainer.counts).toMatchObject({ records: 8, duplicates: 2, events: 6, bad: 0 });
  });

  it('puts bad records aside with reason and position, and goes on', async () => {
    const { trainer, process } = await watched();
    const bad = [
      record('{"user":'),
      met('', 'a'),
      record({ user: 'ann', at: NOW_MS }),
      met('ann', 'a', { at: 12 }),
      met('ann', 'a', { at: NOW_MS + 2 * 86_400_000 }),
      met('ann', 'a', { at: Math.round(NOW_MS / 1000) }),
      { ...record(''), value: Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0xff) },
    ];
    const tombstone = { ...record(''), value: null };
    const dead = await process([met('ann', 'a'), ...bad, tombstone, met('bob', 'b')]);
    expect(trainer.counts).toEqual({ records: 10, events: 2, items: 0, duplicates: 0, ignored: 0, bad: 7 });
    expect(dead.map(({ partition, offset, atMs }) => ({ partition, offset, atMs }))).toEqual(
      bad.map(({ partition, offset }) => ({ partition, offset, atMs: NOW_MS })),
    );
    expect(dead.map(({ code }) => code)).toEqual([
      'TANDEM_RECORD_MALFORMED',
      ...Array<string>(2).fill('TANDEM_RECORD_INVALID'),
      ...Array<string>(3).fill('TANDEM_RECORD_ABSURD_TIME'),
      'TANDEM_RECORD_MALFORMED',
    ]);
    expect(dead[2].reason).toBe('item is missing.');
    expect(dead[5].reason).toContain('It looks like seconds.');
    expect(dead[0].value).toBe('{"user":');
    expect(dead[6].value, 'bytes as they came, those that are not UTF-8 as U+FFFD').toBe('\ufeff{\ufffd');
  });

  it('takes items from records before and after somebody met them', async () => {
    const { trainer, told, process } = await watched();
    await trainer.addItems([{ id: 'a', text: { title: 'Ay' }, categories: [] }]);
    await process([met('ann', 'b'), record({ type: 'item', item: 'c', text: 'See' })]);
    await process([record({ type: 'item', item: 'b', text: 'Bee' })]);
    expect(told.filter((line) => line.startsWith('arrive'))).toEqual(['arrive 0', 'arrive 1,2']);
    expect([0, 1, 2].map((row) => trainer.catalogue.item(row))).toMatchObject([
      { id: 'a', text: { title: 'Ay' } },
      { id: 'c', text: { title: 'See' } },
      { id: 'b', text: { title: 'Bee' } },
    ]);
    expect(trainer.counts).toMatchObject({ events: 1, items: 2 });
  });

  it('refuses a bound of time that is none, before anything is learned', () => {
    expect(() => new CoTrainer(cheapTable({ training: { time: { notBefore: 'last year' } } }), () => 0)).toThrow(
      expect.objectContaining({ code: 'TANDEM_CONFIG_WRONG_VALUE', message: expect.stringContaining('last year') }),
    );
  });

  it('goes on from its state bit for bit', async () => {
    const changes: TableChanges = {
      training: { replay: 2, rank: { share: 0.5 }, dedupe: { window: 10 }, replayWindow: 20 },
    };
    const records = (from: number): SourceRecord[] =>
      Array.from({ length: 24 }, (_, k) =>
        met(`u${(from + k) % 7}`, `i${((from + k) * 5) % 23}`, { id: String(((from + k) * 3) % 40) }),
      );
    const trainer = new CoTrainer(cheapTable(changes), () => 0);
    await trainer.begin();
    for (let from = 0; from < 120; from += 24) await trainer.process(records(from), NOW_MS, NOBODY);
    const loaded = new CoTrainer(cheapTable(changes), () => 0);
    await loaded.begin(structuredClone(await trainer.save()));
    expect(await loaded.save()).toEqual(await trainer.save());
    for (const one of [trainer, loaded])
      for (let from = 120; from < 240; from += 24) await one.process(records(from), NOW_MS, NOBODY);
    expect(await loaded.save()).toEqual(await trainer.save());
    expect(loaded.counts).toEqual(trainer.counts);
  });

  it('knows for whom a recommendation is, and that it does not know somebody', async () => {
    const { trainer, process } = await watched();
    await process([met('ann', 'a'), met('ann', 'b')]);
    expect(trainer.contextsOf('ann', NOW_MS)).toMatchObject({
      users: Int32Array.of(0),
      positions: Int32Array.of(2),
      atMs: Float64Array.of(NOW_MS),
      history: { items: Int32Array.of(1, 0) },
    });
    expect(trainer.contextsOf('nobody', NOW_MS)).toMatchObject({
      users: Int32Array.of(-1),
      positions: Int32Array.of(0),
    });
  });
});
