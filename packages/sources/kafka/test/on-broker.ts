import type { InteractionSink, InteractionSource, SourceRecord } from '@tandem-rec/contract';
import type { Broker } from '@tandem-rec/kafka-tools';
import { systemClock, testEnvironment, type TestEnvironment } from '@tandem-rec/testkit';
import { Kafka, logLevel, type Admin, type ITopicConfig } from 'kafkajs';

import { KafkaSink } from '../src/kafka-sink.ts';
import { KafkaSource } from '../src/kafka-source.ts';
import { kafkaOptions, type KafkaOptions } from '../src/options.ts';

let topics = 0;

/** A client that knows nothing of the code under test. */
export function plainClient(broker: Broker): Kafka {
  return new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
}

export async function asAdmin<T>(broker: Broker, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = plainClient(broker).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** A new topic with a name of its own. */
export async function createTopic(broker: Broker, more: Partial<ITopicConfig> = {}): Promise<string> {
  const topic = `interactions-${++topics}`;
  await asAdmin(broker, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: 1, ...more }] }));
  return topic;
}

/** Deletes the records of partition 0 before `offset`; -1: all. */
export function deleteRecords(broker: Broker, topic: string, offset: number): Promise<void> {
  return asAdmin(broker, async (admin) => {
    await admin.fetchTopicOffsets(topic); // loads the topic's metadata, which the next call forgets to do
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  });
}

/** Options with a group of their own. */
export function optionsFor(broker: Broker, topic: string, more: object = {}): KafkaOptions {
  return kafkaOptions.parse({
    brokers: [broker.bootstrap],
    topic,
    groupId: `group-of-${topic}`,
    sessionTimeoutMs: 3000,
    heartbeatIntervalMs: 200,
    ...more,
  });
}

export interface Opened {
  readonly source: InteractionSource;
  readonly environment: TestEnvironment;
}

export function realEnvironment(): TestEnvironment {
  return testEnvironment({ clock: systemClock });
}

export async function withSource<T>(
  options: KafkaOptions,
  positions: Iterable<readonly [number, number]>,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const environment = realEnvironment();
  const source = new KafkaSource(options, environment);
  try {
    await source.open(new Map(positions));
    return await work({ source, environment });
  } finally {
    await source.close();
  }
}

export async function withSink<T>(options: KafkaOptions, work: (sink: InteractionSink) => Promise<T>): Promise<T> {
  const sink = new KafkaSink(options, realEnvironment());
  try {
    return await work(sink);
  } finally {
    await sink.close();
  }
}

/** Polls until `count` records have come (or more), or fails after `withinMs`. */
export async function read(source: InteractionSource, count: number, withinMs = 30_000): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  const deadline = performance.now() + withinMs;
  while (records.length < count) {
    if (performance.now() > deadline)
      throw new Error(`only ${records.length} of ${count} records came within ${withinMs} ms`);
    records.push(...(await source.poll(1000, 500)).records);
  }
  return records;
}

/** Whether nothing more comes for a while. */
export async function isQuiet(source: InteractionSource, forMs = 1500): Promise<boolean> {
  return (await source.poll(1, forMs)).records.length === 0;
}

export const valuesOf = (records: readonly SourceRecord[]): string[] => records.map(({ value }) => String(value));
export const offsetsOf = (records: readonly SourceRecord[]): number[] => records.map(({ offset }) => offset);

/** `['0', '1', …]` of length `count`, from `first` on. */
export const numbers = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, index) => String(first + index));

export const keyed = (
  values: readonly string[],
  keyOf: (value: string) => string = () => 'u',
): { key: string; value: string }[] => values.map((value) => ({ key: keyOf(value), value }));
