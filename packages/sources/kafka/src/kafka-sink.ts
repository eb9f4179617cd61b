import type { Environment, InteractionSink } from '@tandem-rec/contract';
import { Partitioners, type Admin, type Message, type PartitionMetadata, type Producer } from 'kafkajs';

import { createClient } from './client.ts';
import type { KafkaOptions } from './options.ts';
import { Outage } from './outage.ts';
import { Patience } from './patience.ts';

/** Below the broker's default limit of 1 MB a request's batch, with room for its framing. */
const CHUNK_BYTES = 512 * 1024;
const CHUNK_RECORDS = 5000;
const FRAMING_BYTES = 32;

/** Java's partitioner (murmur2 of the key), so that other producers put a user's records into the same partition. */
const partitionOf = Partitioners.DefaultPartitioner();

/**
 * Writes records with an idempotent producer. One request holds records of one partition: a request whose answer was
 * lost is then repeated with the same sequence number, and the broker drops it if it had it. An outage is waited out.
 */
export class KafkaSink implements InteractionSink {
  readonly #options: KafkaOptions;
  readonly #producer: Producer;
  readonly #admin: Admin;
  readonly #patience: Patience;
  readonly #stopping = new AbortController();
  #partitions: PartitionMetadata[] | undefined;
  /** Appends in order: a later one must not overtake one that is being repeated. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: KafkaOptions, env: Environment) {
    const outage = new Outage(env.log, env.clock);
    const kafka = createClient(options, env, { onProblem: (message) => outage.suspect(message) });
    this.#options = options;
    this.#admin = kafka.admin();
    this.#producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    this.#patience = new Patience(options, outage, env.clock, this.#stopping.signal);
  }

  append(records: readonly { readonly key: string; readonly value: string }[]): Promise<void> {
    const writing = this.#last.then(() => this.#write(records));
    this.#last = writing.catch(() => {});
    return writing;
  }

  /** Calls off what is still being appended: that `append` rejects. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('the sink was closed'));
    await this.#last;
    await Promise.all([this.#producer.disconnect(), this.#admin.disconnect()]).catch(() => {});
  }

  async #write(records: readonly { readonly key: string; readonly value: string }[]): Promise<void> {
    if (records.length === 0) return;
    const partitionMetadata = (this.#partitions ??= await this.#patience.insist(() => this.#connect()));
    const { topic } = this.#options;
    const byPartition = new Map<number, Message[]>();
    for (const { key, value } of records) {
      const message: Message = { key, value };
      const partition = partitionOf({ topic, partitionMetadata, message });
      const messages = byPartition.get(partition);
      const placed = { key, value, partition };
      if (messages === undefined) byPartition.set(partition, [placed]);
      else messages.push(placed);
    }
    for (const messages of byPartition.values()) {
      for (const chunk of chunks(messages)) {
        await this.#patience.insist(() => this.#producer.send({ topic, acks: -1, messages: chunk }));
        this.#patience.healed();
      }
    }
  }

  async #connect(): Promise<PartitionMetadata[]> {
    const { topic, createTopic } = this.#options;
    await this.#admin.connect();
    if (createTopic !== undefined && !(await this.#admin.listTopics()).includes(topic)) {
      const { partitions, replicationFactor } = createTopic;
      await this.#admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor }] });
    }
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
    await this.#producer.connect();
    return topics[0].partitions;
  }
}

function* chunks(messages: readonly Message[]): Generator<Message[]> {
  let chunk: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.value as string) + Buffer.byteLength(message.key as string) + FRAMING_BYTES;
    if (chunk.length > 0 && (bytes + size > CHUNK_BYTES || chunk.length === CHUNK_RECORDS)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
