import { defineDatasetReader, z, type CatalogueItem, type Interaction, type PollResult } from '@tandem-rec/contract';
import { decodeRecord } from '@tandem-rec/data';
import { SteppingClock, testEnvironment } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { replay } from './index.ts';

const START = 1_700_000_000_000;
const events: readonly Interaction[] = Array.from({ length: 20 }, (_, i) => ({
  user: `u${i % 3}`,
  item: `i${i % 5}`,
  atMs: START + i * 1000,
  kind: 'click',
  value: 1,
}));
const items: readonly CatalogueItem[] = [
  { id: 'i0', text: { title: 'Nought' }, categories: [] },
  { id: 'i1', text: { title: 'One' }, categories: [], availableAtMs: START + 500 },
];

const world = defineDatasetReader({
  id: 'test#world',
  summary: 'Twenty events.',
  options: z.strictObject({ bad: z.int().min(0).default(0) }),
  create: ({ bad }) => ({
    name: 'world',
    chronology: 'time',
    async *interactions(onError) {
      for (let line = 1; line <= bad; line++) onError({ file: 'world', line, reason: 'no user' });
      yield* events.toReversed();
    },
    async *items() {
      yield* items;
    },
  }),
});

async function open(options: object = {}, position?: number) {
  const clock = new SteppingClock();
  const env = testEnvironment({ clock });
  const source = await replay.definition.create(replay.definition.options.parse({ dataset: world(), ...options }), env);
  await source.open(position === undefined ? new Map() : new Map([[0, position]]));
  return { source, clock, env };
}

const described = ({ records }: PollResult): readonly string[] =>
  records.map(({ value }) => {
    const record = decodeRecord(value, { notBeforeMs: 0, notAfterMs: Infinity });
    return record.type === 'item'
      ? record.item.id
      : record.type === 'interaction'
        ? `${record.interaction.user}→${record.interaction.item}`
        : record.type;
  });

describe('replay', () => {
  it('plays items when they become available and interactions in the order of time', async () => {
    const { source } = await open();
    expect(described(await source.poll(4, 0))).toEqual(['i0', 'u0→i0', 'i1', 'u1→i1']);
    const rest = await source.poll(100, 0);
    expect([rest.records.length, rest.ended]).toEqual([18, true]);
  });

  it('plays so many events a second', async () => {
    const { source, clock } = await open({ speed: { eventsPerSecond: 10 } });
    let events = 0;
    for (let ended = false; !ended;) {
      const result = await source.poll(100, 1_000);
      ended = result.ended;
      events += described(result).filter((text) => text.includes('→')).length;
      expect(events).toBeLessThanOrEqual(Math.floor(clock.monotonicMs() / 100) + 1);
    }
    expect(events).toBe(20);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(1_900);
    expect(clock.monotonicMs()).toBeLessThan(1_950);
  });

  it('plays so many times as fast as it happened, also from a position on', async () => {
    const { source, clock } = await open({ speed: { timesReal: 10 } }, 12);
    while (!(await source.poll(100, 1_000)).ended);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(900);
    expect(clock.monotonicMs()).toBeLessThan(950);
  });

  it('gives up waiting when the timeout is over or the signal aborts', async () => {
    const { source, clock } = await open({ speed: { eventsPerSecond: 0.001 } });
    expect((await source.poll(100, 0)).records).toHaveLength(2);
    expect(await source.poll(100, 250)).toEqual({ records: [], ended: false });
    expect(clock.monotonicMs()).toBe(250);
    const abort = new AbortController();
    const waiting = source.poll(100, 100_000, abort.signal);
    abort.abort();
    expect(await waiting).toEqual({ records: [], ended: false });
  });

  it('tells of rows that could not be read', async () => {
    const { env } = await open({ dataset: world({ bad: 2 }) });
    expect(env.log.lines).toMatchObject([{ level: 'warn', facts: { count: 2, first: [{ line: 1 }, { line: 2 }] } }]);
  });

  it('finds the errors in the options of its dataset', () => {
    const { error } = replay.definition.options.safeParse({ dataset: world({ bad: -1 }), speed: 'fast' });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['dataset.options.bad', 'speed']);
    expect(replay.definition.options.safeParse({ dataset: { use: 'x' } }).error?.issues[0]?.message).toMatch(
      /Expected a dataset-reader/,
    );
  });
});
