import { kafkaAvailable, startBroker, type Broker } from '@tandem-rec/kafka-tools';
import { requireOrSkip } from '@tandem-rec/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  asAdmin,
  createTopic,
  keyed,
  numbers,
  optionsFor,
  plainClient,
  read,
  valuesOf,
  withSink,
  withSource,
} from '../test/on-broker.ts';

const available = requireOrSkip('kafka', kafkaAvailable());

describe.skipIf(!available.available)('writing to kafka', { timeout: 240_000 }, () => {
  let broker: Broker;

  beforeAll(async () => {
    broker = await startBroker();
  }, 300_000);
  afterAll(() => broker?.stop());

  it('keeps the order of a user over calls that were not awaited', async () => {
    const topic = await createTopic(broker, { numPartitions: 3 });
    const options = optionsFor(broker, topic);
    const user = (value: string): string => `user-${Number(value) % 10}`;
    await withSink(options, async (sink) => {
      const values = numbers(1000);
      await Promise.all(
        Array.from({ length: 10 }, (_, call) => sink.append(keyed(values.slice(call * 100, call * 100 + 100), user))),
      );
    });

    const records = await withSource(options, [], ({ source }) => read(source, 1000));

    for (let k = 0; k < 10; k++) {
      const own = records.filter(({ value }) => user(String(value)) === `user-${k}`);
      expect(valuesOf(own)).toEqual(numbers(100).map((value) => String(Number(value) * 10 + k)));
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
    }
  });

  it('puts a user where other clients put it', async () => {
    const topic = await createTopic(broker, { numPartitions: 7 });
    const users = numbers(50).map((value) => `user-${value}`);
    const producer = plainClient(broker).producer();
    await producer.connect();
    await producer.send({ topic, messages: users.map((user) => ({ key: user, value: user })) });
    await producer.disconnect();
    const options = optionsFor(broker, topic);
    await withSink(options, (sink) => sink.append(keyed(users, (user) => user)));

    const records = await withSource(options, [], ({ source }) => read(source, 100));

    for (const user of users)
      expect(new Set(records.filter(({ value }) => value === user).map(({ partition }) => partition)).size).toBe(1);
  });

  it('splits what is larger than the broker takes at once', async () => {
    const topic = await createTopic(broker);
    const filling = 'é'.repeat(500);
    const values = numbers(6000).map((value) => value + filling);
    const options = optionsFor(broker, topic);
    await withSink(options, (sink) => sink.append(keyed(values)));

    const records = await withSource(options, [], ({ source }) => read(source, 6000));

    expect(valuesOf(records)).toEqual(values);
  });

  it('says it when one record is larger than the broker takes', async () => {
    const topic = await createTopic(broker);
    const writing = withSink(optionsFor(broker, topic), (sink) => sink.append(keyed(['x'.repeat(2_000_000)])));
    await expect(writing).rejects.toMatchObject({ code: 'TANDEM_SOURCE_UNWRITABLE' });
  });

  it('creates the topic where it is told to', async () => {
    const options = optionsFor(broker, 'made-by-the-sink', { createTopic: { partitions: 3 } });
    await withSink(options, (sink) => sink.append(keyed(['x'])));
    await withSink(options, (sink) => sink.append(keyed(['y'])));

    const { topics } = await asAdmin(broker, (admin) => admin.fetchTopicMetadata({ topics: ['made-by-the-sink'] }));
    expect(topics[0].partitions.length).toBe(3);
    expect(await withSource(options, [], async ({ source }) => valuesOf(await read(source, 2)))).toEqual(['x', 'y']);
  });
});
