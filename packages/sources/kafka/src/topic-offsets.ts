import { TandemError, type Positions } from '@tandem-rec/contract';
import type { Admin, Kafka } from 'kafkajs';

import type { KafkaOptions } from './options.ts';

/** What a partition holds: `begin` is the oldest record's offset, `end` that of the next record to be written. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** Begins and ends of the topic's partitions, asked through an admin client of its own. */
export class TopicOffsets {
  readonly #admin: Admin;
  readonly #options: KafkaOptions;

  constructor(kafka: Kafka, options: KafkaOptions) {
    this.#admin = kafka.admin();
    this.#options = options;
  }

  async ranges(): Promise<ReadonlyMap<number, Range>> {
    await this.#admin.connect();
    const partitions = await this.#admin.fetchTopicOffsets(this.#options.topic);
    return new Map(
      partitions.map(({ partition, low, high }) => [partition, { begin: Number(low), end: Number(high) }]),
    );
  }

  /** The next offset to read of every partition: as in `positions`, else as the option `from` says. Does not check them. */
  async start(positions: Positions): Promise<Map<number, number>> {
    const { from, topic } = this.#options;
    const ranges = await this.ranges();
    const start = new Map<number, number>();
    if (typeof from === 'string') {
      for (const [partition, { begin, end }] of ranges) start.set(partition, from === 'earliest' ? begin : end);
    } else {
      const found = await this.#admin.fetchTopicOffsetsByTimestamp(topic, from.timestampMs);
      for (const { partition, offset } of found) start.set(partition, Number(offset));
    }
    for (const [partition, offset] of positions) start.set(partition, offset);
    return start;
  }

  /** @throws `TANDEM_SOURCE_OFFSET_OUT_OF_RANGE` naming the first position that the topic does not hold */
  async verify(positions: Positions): Promise<void> {
    const { topic } = this.#options;
    const ranges = await this.ranges();
    for (const [partition, offset] of positions) {
      const range = ranges.get(partition);
      if (range === undefined)
        throw outOfRange(`Topic ${topic} has no partition ${partition} to resume at offset ${offset}.`, {
          topic,
          partition,
          offset,
        });
      if (offset < range.begin || offset > range.end) {
        const what =
          offset < range.begin
            ? 'the records in between were deleted'
            : 'it is not the topic that was read, or it has lost records';
        const message = `Partition ${partition} of topic ${topic} holds offsets ${range.begin} to ${range.end}, not ${offset}: ${what}.`;
        throw outOfRange(message, { topic, partition, offset, ...range });
      }
    }
  }

  close(): Promise<void> {
    return this.#admin.disconnect();
  }
}

function outOfRange(message: string, details: Readonly<Record<string, unknown>>): TandemError {
  return new TandemError('TANDEM_SOURCE_OFFSET_OUT_OF_RANGE', message, { details });
}
