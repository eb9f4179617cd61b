import {
  TandemError,
  type InteractionSource,
  type PollResult,
  type Positions,
  type SourceRecord,
} from '@tandem-rec/contract';
import { afterEach, describe, expect, it } from 'vitest';

/** A source's world for one test: a log, a topic, a file. */
export interface SourceWorld {
  /** A new reader of the same records, not yet opened; where nothing else is said it starts at the earliest record. */
  source(): InteractionSource | Promise<InteractionSource>;
  /** The same reader with options that let it start at the end. Absent where there are none. */
  latest?(): InteractionSource | Promise<InteractionSource>;
  /** Appends records in this order, durable when it resolves: through the plugin's sink if it has one. Absent for bounded sources. */
  append?(records: readonly { readonly key: string; readonly value: string }[]): Promise<void>;
  /** Removes it all; called after the test. The readers were closed before. */
  close?(): void | Promise<void>;
}

export interface InteractionSourceConformance {
  /** For the title of the suite. */
  readonly name: string;
  /** Makes a world, empty if it has `append`, else with at least 10 records. Called once a test. */
  readonly create: () => SourceWorld | Promise<SourceWorld>;
  /** How long a poll may wait for records that are there, milliseconds by the source's clock. Default 5000. */
  readonly timeoutMs?: number;
}

/** Any text may be a value: the source hands it on, the engine judges it. */
const TEXTS = [
  '{"user":"u","item":"i"}',
  'é ß 漢字 🙂‍↔️ \u202e',
  'line\nbreak\ttab\r\n',
  ' ',
  '{"torn":',
  'a\u0000b',
  'x'.repeat(70_000),
  '"\\\'`;--',
];
const KEYS = ['ada', 'bob', 'ünï', '漢'];
const EMPTY_POLLS = 20;

/**
 * The contract of an interaction source, as tests. Call it in a vitest file.
 *
 * @example
 * ```ts
 * interactionSourceConformance({
 *   name: 'my source',
 *   create: async () => {
 *     const options = { file: freshFile() };
 *     const sink = await mySource.definition.createSink!(options, testEnvironment());
 *     return {
 *       source: () => mySource.definition.create(options, testEnvironment()),
 *       append: (records) => sink.append(records),
 *       close: () => sink.close(),
 *     };
 *   },
 * });
 * ```
 */
export function interactionSourceConformance({ name, create, timeoutMs = 5_000 }: InteractionSourceConformance): void {
  describe(`${name} conforms to InteractionSource`, () => {
    const opened: InteractionSource[] = [];
    let world: SourceWorld | undefined;

    afterEach(async () => {
      for (const source of opened.splice(0)) await source.close();
      await world?.close?.();
      world = undefined;
    });

    /** A world with `count` records (a bounded one with those it has), and what they are, as a first reader sees them. */
    async function populated(
      count: number,
    ): Promise<{ readonly all: readonly SourceRecord[]; readonly bounded: boolean }> {
      world = await create();
      const bounded = world.append === undefined;
      await world.append?.(Array.from({ length: count }, (_, i) => recordNumber(i)));
      const source = await open();
      const all = bounded ? await readToEnd(source) : await read(source, count);
      if (bounded)
        expect(all.length, 'this suite needs a bounded source with at least 10 records').toBeGreaterThanOrEqual(10);
      return { all, bounded };
    }

    async function unopened(): Promise<InteractionSource> {
      const source = await world!.source();
      opened.push(source);
      return source;
    }

    async function open(positions: Positions = new Map()): Promise<InteractionSource> {
      const source = await unopened();
      await source.open(positions);
      return source;
    }

    async function read(source: InteractionSource, count: number, max = 7): Promise<readonly SourceRecord[]> {
      const records: SourceRecord[] = [];
      for (let empty = 0; records.length < count && empty < EMPTY_POLLS;) {
        const result = await poll(source, Math.min(max, count - records.length), timeoutMs);
        if (result.ended) break;
        empty = result.records.length === 0 ? empty + 1 : 0;
        records.push(...result.records);
      }
      expect(records.length, `poll must hand out all ${count} records that are there`).toBe(count);
      return records;
    }

    async function readToEnd(source: InteractionSource): Promise<readonly SourceRecord[]> {
      const records: SourceRecord[] = [];
      for (let empty = 0; empty < EMPTY_POLLS;) {
        const result = await poll(source, 7, timeoutMs);
        records.push(...result.records);
        if (result.ended) return records;
        empty = result.records.length === 0 ? empty + 1 : 0;
      }
      return expect.fail('a bounded source must say `ended: true` when it has been read to its end');
    }

    it('hands out every record once, as it was, in order within each partition', async () => {
      const { all, bounded } = await populated(60);
      for (const records of byPartition(all).values())
        for (let i = 1; i < records.length; i++)
          expect(records[i].offset, 'offsets within a partition must increase').toBeGreaterThan(records[i - 1].offset);
      if (bounded) return;
      const values = all.map(({ value }) => textOf(value));
      expect(values.toSorted(), 'a value must arrive exactly as it was appended, whatever text it is').toEqual(
        Array.from({ length: 60 }, (_, i) => recordNumber(i).value).toSorted(),
      );
      for (const key of KEYS) {
        const numbers = values
          .filter((value) => value.startsWith(`${key} `))
          .map((value) => Number(value.split(' ')[1]));
        expect(numbers, 'records of one key must keep their order').toEqual(numbers.toSorted((a, b) => a - b));
      }
    });

    it('hands out the same records at the same offsets to every reader', async () => {
      const { all, bounded } = await populated(20);
      const again = bounded ? await readToEnd(await open()) : await read(await open(), 20, 3);
      expect(perPartition(again), 'a second reader must see what the first one saw').toEqual(perPartition(all));
    });

    it('resumes exactly where the positions say, whatever was read before', async () => {
      const { all, bounded } = await populated(20);
      for (const consumed of [0, 1, 9, all.length - 1]) {
        const source = await open(positionsAfter(all, consumed));
        const rest = bounded ? await readToEnd(source) : await read(source, all.length - consumed);
        expect(
          perPartition(rest),
          `after ${consumed} records, open(positions) must go on with the very next one, skipping and repeating none`,
        ).toEqual(perPartition(all.slice(consumed)));
      }
    });

    it('stands at the end when the positions are the end', async () => {
      const { all, bounded } = await populated(10);
      const source = await open(positionsAfter(all, all.length));
      const { records, ended } = await poll(source, 5, 50);
      expect(records, 'nothing follows the end').toEqual([]);
      if (bounded && !ended)
        expect((await poll(source, 5, timeoutMs)).ended, 'a bounded source at its end must say so').toBe(true);
      if (bounded) return;
      await world!.append!([{ key: 'ada', value: 'late' }]);
      expect(
        (await read(source, 1)).map(({ value }) => textOf(value)),
        'what is appended later must follow',
      ).toEqual(['late']);
    });

    it('says where it starts, for every partition', async () => {
      const { all } = await populated(20);
      const asked = positionsAfter(all, 9);
      const start = await (await unopened()).open(asked);
      for (const [partition, offset] of asked)
        expect(start.get(partition), 'open must answer the positions that it was given').toBe(offset);
      const found = await (await unopened()).open(new Map());
      for (const [partition, [{ offset }]] of byPartition(all)) {
        const begin = found.get(partition);
        expect(begin, `open must answer where partition ${partition} starts`).toBeTypeOf('number');
        expect(begin, `partition ${partition} starts at or before its first record`).toBeLessThanOrEqual(offset);
      }
    });

    it('loses nothing when it started at the end and was started again before anything came', async ({ skip }) => {
      world = await create();
      skip(world.append === undefined || world.latest === undefined, 'it has no option to start at the end');
      const numbered = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, i) => recordNumber(from + i));
      await world.append!(numbered(0, 8));
      const first = await world.latest!();
      opened.push(first);
      const start = await first.open(new Map());
      await first.close();
      const late = numbered(8, 20);
      await world.append!(late);
      const second = await world.latest!();
      opened.push(second);
      await second.open(start);
      expect(
        (await read(second, late.length)).map(({ value }) => textOf(value)).toSorted(),
        'opened at the positions that the first open answered, it must go on with what came in between',
      ).toEqual(late.map(({ value }) => value).toSorted());
    });

    it('gives up opening when it is aborted', async () => {
      await populated(10);
      const reason = new Error('stop');
      const source = await unopened();
      const outcome = await source.open(new Map(), AbortSignal.abort(reason)).then(
        () => 'opened',
        (error: unknown) => error,
      );
      expect(outcome, 'open must reject with the reason of its signal when that aborts').toBe(reason);
      await source.close();
    });

    it('refuses a position that is not there', async () => {
      const { all } = await populated(10);
      const { partition, offset } = all.at(-1)!;
      const source = await unopened();
      const refused = await source.open(new Map([[partition, offset + 1_000_000]])).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(
        TandemError.is(refused) ? refused.code : refused,
        'open must throw TANDEM_SOURCE_OFFSET_OUT_OF_RANGE for a position behind the end: silently starting elsewhere loses or repeats events',
      ).toBe('TANDEM_SOURCE_OFFSET_OUT_OF_RANGE');
    });

    it('gives up an empty poll when it is aborted, and loses nothing by it', async () => {
      const { all, bounded } = await populated(12);
      const source = await open();
      const nothing = await source.poll(5, timeoutMs, AbortSignal.abort(new Error('stop')));
      expect(nothing.records, 'a poll whose signal is aborted already must resolve without records').toEqual([]);
      if (bounded) {
        expect(perPartition(await readToEnd(source)), 'an aborted poll must not lose records').toEqual(
          perPartition(all),
        );
        return;
      }
      expect(perPartition(await read(source, 12)), 'an aborted poll must not lose records').toEqual(perPartition(all));
      const abort = new AbortController();
      const waiting = source.poll(5, 600_000, abort.signal);
      abort.abort(new Error('stop'));
      expect(await waiting, 'a waiting poll must resolve, empty and not ended, when its signal aborts').toEqual({
        records: [],
        ended: false,
      });
      await world!.append!([{ key: 'ada', value: 'after' }]);
      expect(
        (await read(source, 1)).map(({ value }) => textOf(value)),
        'a source goes on after an aborted poll',
      ).toEqual(['after']);
    });

    it('closes as often as it is told to, also unopened', async () => {
      await populated(10);
      const source = await open();
      await source.close();
      await source.close();
      await (await unopened()).close();
    });

    it('knows how far behind it is, if it knows at all', async ({ skip }) => {
      const { all } = await populated(15);
      const source = await open();
      const before = await source.lag?.();
      skip(before === undefined, 'it does not offer lag');
      expect(before!.records, 'before anything was read the lag is the number of records').toBe(all.length);
      for (let left = all.length; left > 0;) left -= (await poll(source, left, timeoutMs)).records.length;
      expect((await source.lag!())!.records, 'after the last record the lag is 0').toBe(0);
    });

    it('ends a poll that finds nothing after its timeout', async ({ skip }) => {
      world = await create();
      skip(world.append === undefined, 'a bounded source never waits');
      const source = await open();
      expect(
        await source.poll(5, 30),
        'an empty poll resolves after its timeout, without records and not ended',
      ).toEqual({ records: [], ended: false });
    });

    it('wakes a waiting poll with the first record', async ({ skip }) => {
      world = await create();
      skip(world.append === undefined, 'a bounded source never waits');
      const source = await open();
      const waiting = source.poll(5, 600_000);
      await world.append!([{ key: 'ada', value: 'hello' }]);
      expect(
        (await waiting).records.map(({ value }) => textOf(value)),
        'poll resolves as soon as there is one record',
      ).toEqual(['hello']);
    });
  });
}

async function poll(source: InteractionSource, max: number, timeoutMs: number): Promise<PollResult> {
  const result = await source.poll(max, timeoutMs);
  expect(result.records.length, `poll(${max}) must not return more than ${max} records`).toBeLessThanOrEqual(max);
  return result;
}

function recordNumber(i: number): { readonly key: string; readonly value: string } {
  const key = KEYS[i % KEYS.length];
  return { key, value: `${key} ${i} ${TEXTS[i % TEXTS.length]}` };
}

const textOf = (value: SourceRecord['value']): string =>
  value === null ? '' : typeof value === 'string' ? value : new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);

function byPartition(records: readonly SourceRecord[]): ReadonlyMap<number, readonly SourceRecord[]> {
  return Map.groupBy(records, ({ partition }) => partition);
}

/** Comparable whatever the order among partitions. */
function perPartition(records: readonly SourceRecord[]): Readonly<Record<number, readonly string[]>> {
  return Object.fromEntries(
    [...byPartition(records)].map(([partition, own]) => [
      partition,
      own.map(({ offset, value }) => `${offset}: ${textOf(value).slice(0, 200)}`),
    ]),
  );
}

/** The positions after the first `count` records; partitions of which none was read start at their first. */
function positionsAfter(records: readonly SourceRecord[], count: number): Positions {
  const positions = new Map<number, number>();
  for (const { partition, offset } of records.toReversed()) positions.set(partition, offset);
  for (const { partition, offset } of records.slice(0, count)) positions.set(partition, offset + 1);
  return positions;
}
