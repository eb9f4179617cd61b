import { kafkaAvailable, startBroker, type Broker } from '@tandem-rec/kafka-tools';
import { requireOrSkip } from '@tandem-rec/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  createTopic,
  isQuiet,
  keyed,
  numbers,
  optionsFor,
  read,
  realEnvironment,
  valuesOf,
  withSink,
  withSource,
} from '../test/on-broker.ts';
import { KafkaSink } from './kafka-sink.ts';
import { KafkaSource } from './kafka-source.ts';

const available = requireOrSkip('kafka', kafkaAvailable());

/** What the log said to people, without what is for debugging. */
const said = (lines: readonly { level: string; message: string }[]): string[] =>
  lines.filter(({ level }) => level !== 'debug').map(({ level, message }) => `${level}: ${message}`);

describe.skipIf(!available.available)('when Kafka is away', { timeout: 300_000 }, () => {
  let broker: Broker;
  let away = false;

  const leave = async (how: 'pause' | 'kill'): Promise<void> => {
    away = true;
    await broker[how]();
  };
  const comeBack = async (): Promise<void> => {
    await broker.restart();
    away = false;
  };

  beforeAll(async () => {
    broker = await startBroker();
  }, 300_000);
  beforeEach(async () => {
    if (away) await comeBack();
  }, 300_000);
  afterAll(() => broker?.stop());

  it.each(['pause', 'kill'] as const)(
    'nothing is lost or doubled while records are written and read (%s)',
    async (how) => {
      const topic = await createTopic(broker, { numPartitions: 2 });
      const options = optionsFor(broker, topic);
      const values = numbers(4000);

      const records = await withSource(options, [], ({ source }) =>
        withSink(options, async (sink) => {
          const writing = (async () => {
            for (let at = 0; at < values.length; at += 20) {
              await sink.append(keyed(values.slice(at, at + 20), (value) => `user-${Number(value) % 7}`));
            }
          })();
          const seen = await read(source, 500);
          await leave(how);
          expect(seen.length).toBeLessThan(values.length);
          const rest = read(source, values.length - seen.length, 120_000);
          await comeBack();
          await writing;
          seen.push(...(await rest));
          expect(await isQuiet(source)).toBe(true);
          return seen;
        }),
      );

      expect(valuesOf(records).sort()).toEqual([...values].sort());
      for (const partition of [0, 1]) {
        const own = records.filter((record) => record.partition === partition);
        expect(own.map(({ offset }) => offset)).toEqual(own.map((_, index) => index));
      }
    },
  );

  it('a source that is opened waits, says so once, and goes on by itself', async () => {
    const topic = await createTopic(broker);
    await withSink(optionsFor(broker, topic), (sink) => sink.append(keyed(['x'])));
    await leave('kill');
    const environment = realEnvironment();
    const source = new KafkaSource(optionsFor(broker, topic), environment);

    const opened = source.open(new Map());
    await vi.waitFor(() => expect(said(environment.log.lines)).toEqual(['warn: Kafka does not answer; waiting']), {
      timeout: 90_000,
    });
    await comeBack();
    await opened;

    expect(valuesOf(await read(source, 1))).toEqual(['x']);
    expect(said(environment.log.lines)).toEqual(['warn: Kafka does not answer; waiting', 'info: Kafka answers again']);
    await source.close();
  });

  it('polls stay empty, lag is unknown, commits do not block, and it says so', async () => {
    const topic = await createTopic(broker);
    await withSource(optionsFor(broker, topic), [], async ({ source, environment }) => {
      await source.poll(1, 1000);
      await leave('kill');

      await vi.waitFor(() => expect(said(environment.log.lines)).toEqual(['warn: Kafka does not answer; waiting']), {
        timeout: 90_000,
      });
      const startMs = performance.now();
      expect((await source.poll(1, 200)).records).toEqual([]);
      await source.commit?.(new Map([[0, 0]]));
      expect(performance.now() - startMs).toBeLessThan(4000);
      expect(await source.lag?.()).toBeUndefined();
    });
  });

  it('can be closed, and waiting can be called off', async () => {
    const topic = await createTopic(broker);
    await leave('kill');
    const options = optionsFor(broker, topic);
    const source = new KafkaSource(options, realEnvironment());
    const opened = source.open(new Map()).catch((reason: unknown) => String(reason));
    const sink = new KafkaSink(options, realEnvironment());
    const appended = sink.append(keyed(['x'])).catch((reason: unknown) => String(reason));

    const startMs = performance.now();
    await Promise.all([source.close(), sink.close()]);

    expect(await opened).toBe('Error: the source was closed');
    expect(await appended).toBe('Error: the sink was closed');
    expect(performance.now() - startMs).toBeLessThan(5000);

    const impatient = new AbortController();
    const other = new KafkaSource(options, { ...realEnvironment(), signal: impatient.signal });
    const waiting = other.open(new Map()).catch((reason: unknown) => String(reason));
    impatient.abort(new Error('start-up took too long'));
    expect(await waiting).toBe('Error: start-up took too long');
    await other.close();

    const stop = new AbortController();
    const third = new KafkaSource(options, realEnvironment());
    const started = third.open(new Map(), stop.signal).catch((reason: unknown) => String(reason));
    const stoppedMs = performance.now();
    stop.abort(new Error('stopped'));
    expect(await started).toBe('Error: stopped');
    expect(performance.now() - stoppedMs).toBeLessThan(1000);
    await third.close();
  });
});
