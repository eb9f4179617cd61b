import { setTimeout as sleep } from 'node:timers/promises';

import { TandemError } from '@tandem-rec/contract';
import { kafkaAvailable, startBroker, type Broker } from '@tandem-rec/kafka-tools';
import { requireOrSkip } from '@tandem-rec/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import {
  asAdmin,
  createTopic,
  deleteRecords,
  isQuiet,
  keyed,
  numbers,
  offsetsOf,
  optionsFor,
  plainClient,
  read,
  realEnvironment,
  valuesOf,
  withSink,
  withSource,
} from '../test/on-broker.ts';
import { KafkaSource } from './kafka-source.ts';

const available = requireOrSkip('kafka', kafkaAvailable());
const alice = { username: 'alice', password: 'wonderland' };

describe.skipIf(!available.available)('the kafka source', { timeout: 240_000 }, () => {
  let broker: Broker;

  beforeAll(async () => {
    broker = await startBroker({ sasl: alice, tls: true });
  }, 300_000);

  afterAll(() => broker?.stop());

  const fill = (topic: string, values: readonly string[]): Promise<void> =>
    withSink(optionsFor(broker, topic), (sink) => sink.append(keyed(values)));

  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return TandemError.is(error) ? error.code : `no coded error: ${String(error)}`;
  };

  describe('reading', () => {
    it('delivers every record in order, with offset and time, at most as many as asked for', async () => {
      const topic = await createTopic(broker);
      await fill(topic, numbers(2500));

      await withSource(optionsFor(broker, topic), [], async ({ source }) => {
        const first = await source.poll(7, 60_000);
        expect(valuesOf(first.records)).toEqual(numbers(first.records.length));
        expect(first.records.length).toBeLessThanOrEqual(7);
        expect(first.ended).toBe(false);
        const records = [...first.records, ...(await read(source, 2500 - first.records.length))];

        expect(valuesOf(records)).toEqual(numbers(2500));
        expect(offsetsOf(records)).toEqual(numbers(2500).map(Number));
        expect(Math.abs(records[0].receivedMs! - Date.now())).toBeLessThan(60_000);
        expect(await isQuiet(source)).toBe(true);
      });
    });

    it('delivers all partitions, each in order', async () => {
      const topic = await createTopic(broker, { numPartitions: 4 });
      await withSink(optionsFor(broker, topic), (sink) =>
        sink.append(keyed(numbers(3000), (value) => `user-${Number(value) % 50}`)),
      );

      await withSource(optionsFor(broker, topic), [], async ({ source }) => {
        const records = await read(source, 3000);

        expect(valuesOf(records).sort()).toEqual(numbers(3000).sort());
        for (const partition of [0, 1, 2, 3]) {
          const own = records.filter((record) => record.partition === partition);
          expect(own.length).toBeGreaterThan(0);
          expect(offsetsOf(own)).toEqual(own.map((_, index) => index));
        }
      });
    });

    it('hands out tombstones as null and bytes that are no text as bytes', async () => {
      const topic = await createTopic(broker);
      const producer = plainClient(broker).producer();
      await producer.connect();
      const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
      await producer.send({ topic, messages: [{ key: 'a', value: null }, { value: bytes }, { value: 'naïve' }] });
      await producer.disconnect();

      await withSource(optionsFor(broker, topic), [], async ({ source }) => {
        const values = (await read(source, 3)).map(({ value }) => value);

        expect(values).toEqual([null, new Uint8Array(bytes), 'naïve']);
        expect((values[1] as Uint8Array).buffer.byteLength).toBe(3);
      });
    });

    it('goes over control records and aborted transactions', async () => {
      const topic = await createTopic(broker);
      const producer = plainClient(broker).producer({
        transactionalId: 'gaps',
        maxInFlightRequests: 1,
        idempotent: true,
      });
      await producer.connect();
      for (const value of numbers(6)) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value }] });
        await (Number(value) % 3 === 2 ? transaction.abort() : transaction.commit());
      }
      await producer.disconnect();

      await withSource(optionsFor(broker, topic), [], async ({ source }) => {
        const records = await read(source, 4);
        expect(valuesOf(records)).toEqual(['0', '1', '3', '4']);
        expect(offsetsOf(records)).toEqual([0, 2, 6, 8]);
        expect(await isQuiet(source)).toBe(true);
        expect(await source.lag?.()).toEqual({ records: 0 });
      });
      await withSource(optionsFor(broker, topic), [[0, 3]], async ({ source }) => {
        expect(valuesOf(await read(source, 2))).toEqual(['3', '4']);
      });
    }, 240_000);

    it('goes over what compaction has removed', async () => {
      const configEntries = [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'min.cleanable.dirty.ratio', value: '0.001' },
        { name: 'segment.ms', value: '200' },
        { name: 'max.compaction.lag.ms', value: '200' },
      ];
      const topic = await createTopic(broker, { configEntries });
      await fill(topic, numbers(20));
      const begin = async (): Promise<string[]> =>
        withSource(optionsFor(broker, topic, { groupId: 'looks' }), [], async ({ source }) =>
          valuesOf(await read(source, 1)),
        );
      await vi.waitFor(
        async () => {
          await fill(topic, ['more']); // a new segment, so that the old one can be compacted
          expect((await begin())[0]).not.toBe('0');
        },
        { timeout: 180_000, interval: 1000 },
      );

      await withSource(optionsFor(broker, topic), [[0, 3]], async ({ source }) => {
        const records = await read(source, 1);
        expect(records[0].offset).toBeGreaterThan(3);
        expect(records[0].value).toBe('more');
      });
    }, 240_000);

    it('delivers partitions that are added while it reads', async () => {
      const topic = await createTopic(broker);
      await fill(topic, ['old']);
      await withSource(optionsFor(broker, topic), [], async ({ source }) => {
        await read(source, 1);
        await asAdmin(broker, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }));
        const producer = plainClient(broker).producer();
        await producer.connect();
        await vi.waitFor(() => producer.send({ topic, messages: [{ partition: 1, value: 'new' }] }), {
          timeout: 60_000,
        });
        await producer.disconnect();

        expect(await read(source, 1)).toMatchObject([{ partition: 1, offset: 0, value: 'new' }]);
      });
    });

    it('resolves empty when the time is over or the reader loses interest, and then loses nothing', async () => {
      const topic = await createTopic(broker);
      await withSource(optionsFor(broker, topic), [], async ({ source }) => {
        const startMs = performance.now();
        expect((await source.poll(10, 300)).records).toEqual([]);
        expect(performance.now() - startMs).toBeLessThan(2000);

        const interest = new AbortController();
        const polled = source.poll(10, 60_000, interest.signal);
        setTimeout(() => interest.abort(), 100);
        expect((await polled).records).toEqual([]);

        await fill(topic, ['x']);
        expect(valuesOf(await read(source, 1))).toEqual(['x']);
      });
    });
  });

  describe('where it starts', () => {
    it('resumes exactly at the positions given, whatever the group has committed', async () => {
      const topic = await createTopic(broker, { numPartitions: 2 });
      await withSink(optionsFor(broker, topic), (sink) =>
        sink.append(keyed(numbers(400), (value) => `user-${Number(value) % 20}`)),
      );
      const options = optionsFor(broker, topic);
      const all = await withSource(options, [], async ({ source }) => {
        const records = await read(source, 400);
        await source.commit?.(
          new Map([
            [0, 11],
            [1, 13],
          ]),
        );
        return records;
      });

      for (const positions of [
        new Map([
          [0, 50],
          [1, 70],
        ]),
        new Map([
          [0, 0],
          [1, 0],
        ]),
        new Map([[0, 5]]),
      ]) {
        const expected = all.filter(({ partition, offset }) => offset >= (positions.get(partition) ?? 0));
        await withSource(options, positions, async ({ source }) => {
          const records = await read(source, expected.length);
          for (const partition of [0, 1]) {
            const own = (record: { partition: number }): boolean => record.partition === partition;
            expect(records.filter(own)).toEqual(expected.filter(own));
          }
          expect(await isQuiet(source, 700)).toBe(true);
        });
      }
    });

    it('starts a fresh run at the end with `latest`', async () => {
      const topic = await createTopic(broker);
      await fill(topic, numbers(10));
      await withSource(optionsFor(broker, topic, { from: 'latest' }), [], async ({ source }) => {
        await fill(topic, ['new']);
        expect(await read(source, 1)).toMatchObject([{ offset: 10, value: 'new' }]);
      });
    });

    it('starts a fresh run at a time', async () => {
      const topic = await createTopic(broker);
      const producer = plainClient(broker).producer();
      await producer.connect();
      const startMs = Date.now() - 100_000;
      await producer.send({
        topic,
        messages: numbers(100).map((value) => ({ value, timestamp: String(startMs + Number(value) * 1000) })),
      });
      await producer.disconnect();

      const from = (timestampMs: number): Promise<string[]> =>
        withSource(optionsFor(broker, topic, { from: { timestampMs } }), [], async ({ source }) =>
          valuesOf((await source.poll(1, 3000)).records),
        );
      expect(await from(startMs + 41_500)).toEqual(['42']);
      expect(await from(0)).toEqual(['0']);
      expect(await from(startMs + 1_000_000)).toEqual([]);
    });

    it('refuses positions that the topic does not hold', async () => {
      const topic = await createTopic(broker);
      await fill(topic, numbers(10));
      const open = (positions: readonly (readonly [number, number])[]): Promise<unknown> =>
        withSource(optionsFor(broker, topic), positions, async () => {});

      expect(await codeOf(open([[0, 11]]))).toBe('TANDEM_SOURCE_OFFSET_OUT_OF_RANGE');
      expect(await codeOf(open([[3, 0]]))).toBe('TANDEM_SOURCE_OFFSET_OUT_OF_RANGE');
      await deleteRecords(broker, topic, 5);
      await expect(open([[0, 4]])).rejects.toThrow(
        `Partition 0 of topic ${topic} holds offsets 5 to 10, not 4: the records in between were deleted.`,
      );
      await open([[0, 5]]);
      await open([[0, 10]]);
    });

    it('says so when records are deleted before it has read them', async () => {
      const topic = await createTopic(broker);
      const filling = 'x'.repeat(2000);
      await fill(
        topic,
        numbers(3000).map((value) => value + filling),
      );
      await withSource(optionsFor(broker, topic, { bufferRecords: 10 }), [], async ({ source }) => {
        await read(source, 1);
        await sleep(500); // the buffer is full again
        await deleteRecords(broker, topic, -1);

        expect(await codeOf(read(source, 3000))).toBe('TANDEM_SOURCE_OFFSET_OUT_OF_RANGE');
      });
    });
  });

  describe('what others see', () => {
    it('tells its lag', async () => {
      const topic = await createTopic(broker, { numPartitions: 2 });
      await withSink(optionsFor(broker, topic), (sink) => sink.append(keyed(numbers(100), (value) => `user-${value}`)));
      await withSource(optionsFor(broker, topic), [], async ({ source }) => {
        const { records } = await source.poll(30, 60_000);
        expect(await source.lag?.()).toEqual({ records: 100 - records.length });
        await read(source, 100 - records.length);
        expect(await source.lag?.()).toEqual({ records: 0 });
      });
    });

    it('commits what it is told, and nothing else', async () => {
      const topic = await createTopic(broker);
      await fill(topic, numbers(20));
      const options = optionsFor(broker, topic);
      const committed = (): Promise<string> =>
        asAdmin(
          broker,
          async (admin) =>
            (await admin.fetchOffsets({ groupId: options.groupId, topics: [topic] }))[0].partitions[0].offset,
        );
      await withSource(options, [], async ({ source }) => {
        await read(source, 20);
        expect(await committed()).toBe('-1');
        await source.commit?.(new Map([[0, 17]]));
        expect(await committed()).toBe('17');
      });
      expect(await committed()).toBe('17');
    });

    it('gives partitions to another member of its group and reads on where it was when they return', async () => {
      const topic = await createTopic(broker, { numPartitions: 2 });
      await withSink(optionsFor(broker, topic), (sink) =>
        sink.append(keyed(numbers(1000), (value) => `user-${Number(value) % 20}`)),
      );
      const options = optionsFor(broker, topic);
      await withSource(options, [], async ({ source, environment }) => {
        const records = [...(await source.poll(50, 60_000)).records];
        await withSource(options, [], async ({ source: other }) => {
          expect((await read(other, 1)).length).toBeGreaterThan(0);
          await vi.waitFor(
            () => expect(environment.log.lines.map(({ message }) => message).join()).toMatch(/another member/),
            { timeout: 60_000 },
          );
        });
        records.push(...(await read(source, 1000 - records.length)));

        expect(valuesOf(records).sort()).toEqual(numbers(1000).sort());
        expect(await isQuiet(source)).toBe(true);
      });
    });
  });

  describe('logging in', () => {
    const on = (listener: 'saslBootstrap' | 'bootstrap', more: object) => ({ brokers: [broker[listener]!], ...more });
    const first = (topic: string, more: object): Promise<string[]> =>
      withSource(optionsFor(broker, topic, more), [], async ({ source }) => valuesOf(await read(source, 1)));

    it.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
      'lets in who has the password by %s, and says it when it is wrong',
      async (mechanism) => {
        const topic = await createTopic(broker);
        await fill(topic, ['x']);
        vi.stubEnv('TANDEM_TEST_PASSWORD', alice.password);
        const sasl = (password: unknown) =>
          on('saslBootstrap', { sasl: { mechanism, username: alice.username, password } });

        expect(await first(topic, sasl({ env: 'TANDEM_TEST_PASSWORD' }))).toEqual(['x']);
        await withSink(optionsFor(broker, topic, sasl({ env: 'TANDEM_TEST_PASSWORD' })), (sink) =>
          sink.append(keyed(['y'])),
        );
        expect(await codeOf(first(topic, sasl('guess')))).toBe('TANDEM_SOURCE_AUTHENTICATION');
        expect(
          await codeOf(withSink(optionsFor(broker, topic, sasl('guess')), (sink) => sink.append(keyed(['z'])))),
        ).toBe('TANDEM_SOURCE_AUTHENTICATION');
        vi.unstubAllEnvs();
        expect(await codeOf(first(topic, sasl({ env: 'TANDEM_TEST_PASSWORD' })))).toBe('TANDEM_CONFIG_MISSING_SECRET');
      },
    );

    it('never shows the password', async () => {
      const topic = await createTopic(broker);
      const environment = realEnvironment();
      const source = new KafkaSource(
        optionsFor(
          broker,
          topic,
          on('saslBootstrap', { sasl: { mechanism: 'plain', username: 'alice', password: 'secret-guess' } }),
        ),
        environment,
      );
      const error = await source.open(new Map()).catch((reason: unknown) => reason);
      await source.close();
      expect(String(error) + JSON.stringify(error) + JSON.stringify(environment.log.lines)).not.toContain(
        'secret-guess',
      );
    });

    it('talks TLS to a broker whose certificate it is told to trust, and to no other', async () => {
      const topic = await createTopic(broker);
      await fill(topic, ['x']);
      const { bootstrap, caFile } = broker.tls!;

      expect(await first(topic, { brokers: [bootstrap], ssl: { ca: { file: caFile } } })).toEqual(['x']);
      expect(await first(topic, { brokers: [bootstrap], ssl: { rejectUnauthorized: false } })).toEqual(['x']);
      expect(await codeOf(first(topic, { brokers: [bootstrap], ssl: true }))).toBe('TANDEM_SOURCE_TLS');
      expect(await codeOf(first(topic, { brokers: [bootstrap], ssl: { ca: { file: 'nowhere.pem' } } }))).toBe(
        'TANDEM_SOURCE_UNREADABLE',
      );
    });
  });

  describe('a topic that does not exist', () => {
    it('is waited for', async () => {
      const environment = realEnvironment();
      const source = new KafkaSource(optionsFor(broker, 'not-yet'), environment);
      const opened = source.open(new Map());
      await vi.waitFor(() => expect(JSON.stringify(environment.log.lines)).toContain('topic not-yet does not exist'), {
        timeout: 60_000,
      });
      await asAdmin(broker, (admin) => admin.createTopics({ topics: [{ topic: 'not-yet' }] }));
      await opened;
      await fill('not-yet', ['x']);
      expect(valuesOf(await read(source, 1))).toEqual(['x']);
      await source.close();
    });

    it('is an error if so configured', async () => {
      expect(await codeOf(withSource(optionsFor(broker, 'never', { missingTopic: 'fail' }), [], async () => {}))).toBe(
        'TANDEM_SOURCE_UNKNOWN_TOPIC',
      );
      expect(
        await codeOf(
          withSink(optionsFor(broker, 'never', { missingTopic: 'fail' }), (sink) => sink.append(keyed(['x']))),
        ),
      ).toBe('TANDEM_SOURCE_UNKNOWN_TOPIC');
    });
  });
});
