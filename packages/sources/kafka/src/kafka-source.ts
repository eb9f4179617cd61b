import { isUtf8 } from 'node:buffer';

import type {
  Environment,
  InteractionSource,
  Lag,
  PollResult,
  Positions,
  SourceRecord,
  TandemError,
} from '@tandem-rec/contract';
import type { Batch, Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';

import { createClient } from './client.ts';
import type { KafkaOptions } from './options.ts';
import { Outage } from './outage.ts';
import { Patience } from './patience.ts';
import { permanentFailure } from './permanent-failure.ts';
import { RecordBuffer } from './record-buffer.ts';
import { TopicOffsets } from './topic-offsets.ts';
import { within } from './within.ts';

/** A fetch answers after this time when there is nothing new; heartbeats are sent in between. */
const FETCH_WAIT_MS = 500;
/** Commits are for lag tools: nobody waits longer for them. */
const COMMIT_WITHIN_MS = 2000;
/** So is lag; a broker that is away would keep one waiting for minutes. */
const LAG_WITHIN_MS = 5000;
/** A broker that has just started may not know its end yet: look again before saying that records are lost. */
const LOOKS = 3;
const LOOK_AGAIN_MS = 1000;

/** kafkajs knows from which offset a batch was asked for; its types do not. */
type FetchedBatch = Batch & { readonly fetchedOffset: string };

/**
 * Reads a topic through a consumer group, and owns the positions itself: whenever the group gives it partitions, it
 * seeks to where it has read to, so that what the broker remembers never decides. Every fetched record is checked
 * against that position: repeated ones are dropped, and a leap means a second look and, if records are gone,
 * `TANDEM_SOURCE_OFFSET_OUT_OF_RANGE`. Offsets may have gaps (compaction, control records).
 */
export class KafkaSource implements InteractionSource {
  readonly #options: KafkaOptions;
  readonly #env: Environment;
  readonly #kafka: Kafka;
  readonly #offsets: TopicOffsets;
  readonly #outage: Outage;
  /** With questions about offsets. */
  readonly #patience: Patience;
  /** With the consumer: a broker that answers questions may still refuse to let it read. */
  readonly #restarts: Patience;
  readonly #buffer: RecordBuffer;
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<unknown>;
  /** The next offset to fetch of each partition; everything before it is in the buffer or has been polled. */
  readonly #next = new Map<number, number>();
  #assigned: readonly number[] = [];
  #consumer: Consumer | undefined;
  #supervision: Promise<void> = Promise.resolve();
  #failure: TandemError | undefined;

  constructor(options: KafkaOptions, env: Environment) {
    this.#options = options;
    this.#env = env;
    this.#outage = new Outage(env.log, env.clock);
    this.#kafka = createClient(options, env, { onProblem: (message) => this.#heed(message) });
    this.#offsets = new TopicOffsets(this.#kafka, options);
    this.#buffer = new RecordBuffer(options.bufferRecords);
    this.#patience = new Patience(options, this.#outage, env.clock, this.#stopping.signal);
    this.#restarts = new Patience(options, this.#outage, env.clock, this.#stopping.signal);
    this.#stopped = new Promise((resolve) => this.#stopping.signal.addEventListener('abort', resolve, { once: true }));
  }

  async open(positions: Positions, signal: AbortSignal = this.#env.signal): Promise<Positions> {
    const called = AbortSignal.any([this.#env.signal, signal]);
    const giveUp = (): void => this.#stopping.abort(called.reason);
    called.addEventListener('abort', giveUp);
    if (called.aborted) giveUp();
    try {
      // The client answers when its own time is up: nobody who gives up waits for that.
      await Promise.race([
        this.#locate(positions),
        this.#stopped.then(() => Promise.reject(this.#stopping.signal.reason as Error)),
      ]);
    } catch (error) {
      throw called.aborted ? called.reason : error;
    } finally {
      called.removeEventListener('abort', giveUp);
    }
    const start = new Map(this.#next);
    this.#supervision = this.#supervise();
    return start;
  }

  async poll(max: number, timeoutMs: number, signal?: AbortSignal): Promise<PollResult> {
    const startMs = this.#env.clock.monotonicMs();
    while (this.#buffer.size === 0 && !this.#stopping.signal.aborted && signal?.aborted !== true) {
      const leftMs = timeoutMs - (this.#env.clock.monotonicMs() - startMs);
      if (leftMs <= 0) break;
      await within(this.#buffer.change, leftMs, this.#env.clock, signal);
    }
    if (this.#buffer.size === 0 && this.#failure !== undefined) throw this.#failure;
    return { records: signal?.aborted === true ? [] : this.#buffer.take(max), ended: false };
  }

  async commit(positions: Positions): Promise<void> {
    if (this.#consumer === undefined) return;
    const { topic } = this.#options;
    // Positions of partitions that another member of the group reads are not ours to tell.
    const own = [...positions].filter(([partition]) => this.#assigned.includes(partition));
    if (own.length === 0) return;
    const offsets = own.map(([partition, offset]) => ({ topic, partition, offset: String(offset) }));
    let done = false;
    const committing = this.#consumer.commitOffsets(offsets).then(
      () => void (done = true),
      (error: unknown) => this.#env.log.debug('offsets not committed', { reason: String(error) }),
    );
    await within(committing, COMMIT_WITHIN_MS, this.#env.clock, this.#stopping.signal);
    if (!done) this.#env.log.debug('the next commit will make up for this one');
  }

  async lag(): Promise<Lag | undefined> {
    const asking = this.#offsets.ranges().catch(() => undefined);
    await within(asking, LAG_WITHIN_MS, this.#env.clock, this.#stopping.signal);
    // What has not come by now counts as no answer.
    const ranges = await Promise.race([asking, Promise.resolve(undefined)]);
    if (ranges === undefined) return undefined;
    let records = this.#buffer.size;
    for (const [partition, next] of this.#next) {
      const end = ranges.get(partition)?.end;
      if (end !== undefined && (this.#assigned.length === 0 || this.#assigned.includes(partition)))
        records += Math.max(0, end - next);
    }
    return { records };
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the source was closed'));
    this.#buffer.wake();
    await this.#supervision;
    await this.#offsets.close().catch(() => {});
  }

  async #locate(positions: Positions): Promise<void> {
    const start = await this.#patience.insist(() => this.#offsets.start(positions));
    for (const [partition, offset] of start) this.#next.set(partition, offset);
    await this.#verify();
  }

  /** Keeps a consumer running until the source is closed or has failed for good: kafkajs gives up, this does not. */
  async #supervise(): Promise<void> {
    try {
      while (!this.#stopping.signal.aborted) {
        const crash = await this.#consume();
        if (this.#stopping.signal.aborted) return;
        await this.#restarts.wait(crash);
        await this.#verify();
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#fail(error);
    }
  }

  /** Runs one consumer; resolves with what ended it. */
  async #consume(): Promise<unknown> {
    const { topic, groupId, sessionTimeoutMs, heartbeatIntervalMs } = this.#options;
    const consumer = this.#kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(2 * sessionTimeoutMs, 10_000),
      heartbeatInterval: heartbeatIntervalMs,
      maxWaitTimeInMs: Math.min(FETCH_WAIT_MS, heartbeatIntervalMs),
      metadataMaxAge: 5000,
      allowAutoTopicCreation: false,
      retry: { retries: 5, restartOnFailure: () => Promise.resolve(false) },
    });
    const { CRASH, END_BATCH_PROCESS, FETCH, GROUP_JOIN } = consumer.events;
    const crashed = new Promise<unknown>((resolve) => consumer.on(CRASH, ({ payload }) => resolve(payload.error)));
    consumer.on(GROUP_JOIN, ({ payload }) => this.#assign(consumer, payload.memberAssignment[topic] ?? []));
    consumer.on(FETCH, () => this.#restarts.healed());
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      // Only control records: kafkajs went over them by itself.
      if (payload.batchSize === 0) this.#advance(payload.partition, Number(payload.lastOffset) + 1);
    });
    this.#consumer = consumer;
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.#receive(consumer, payload),
      });
      return await Promise.race([crashed, this.#stopped]);
    } catch (error) {
      return error;
    } finally {
      this.#consumer = undefined;
      await consumer.disconnect().catch(() => {});
    }
  }

  /** Called before the first fetch of an assignment, so no record is read from where the broker would have begun. */
  #assign(consumer: Consumer, partitions: readonly number[]): void {
    const { topic, groupId } = this.#options;
    for (const partition of this.#assigned) {
      if (partitions.includes(partition)) continue;
      const forgotten = this.#buffer.drop(partition);
      if (forgotten !== undefined) this.#next.set(partition, forgotten);
    }
    for (const partition of partitions) {
      // Unknown so far: it was added to the topic after `open`, so all of it is new.
      if (!this.#next.has(partition)) this.#next.set(partition, 0);
      consumer.seek({ topic, partition, offset: String(this.#next.get(partition)) });
    }
    const elsewhere = [...this.#next.keys()].filter((partition) => !partitions.includes(partition));
    if (elsewhere.length > 0 && partitions.length !== this.#assigned.length) {
      this.#env.log.warn(
        'another member of the consumer group reads a part of the topic; give this run a groupId of its own',
        { groupId, elsewhere },
      );
    }
    this.#assigned = [...partitions];
  }

  async #receive(
    consumer: Consumer,
    { batch, heartbeat, isRunning, isStale, resolveOffset }: EachBatchPayload,
  ): Promise<void> {
    while (this.#buffer.full) {
      await within(this.#buffer.change, this.#options.heartbeatIntervalMs, this.#env.clock, this.#stopping.signal);
      if (!isRunning() || this.#stopping.signal.aborted) return;
      await heartbeat();
    }
    if (isStale()) return;
    const { topic, partition } = batch;
    const next = this.#next.get(partition)!;
    if (Number((batch as FetchedBatch).fetchedOffset) > next) {
      consumer.seek({ topic, partition, offset: String(next) });
      await this.#lookAgain();
      return;
    }
    const records: SourceRecord[] = [];
    for (const message of batch.messages) {
      const offset = Number(message.offset);
      if (offset >= next) records.push(toRecord(partition, offset, message));
    }
    this.#buffer.push(records);
    this.#advance(partition, Number(batch.lastOffset()) + 1);
    resolveOffset(batch.messages.at(-1)!.offset);
  }

  #advance(partition: number, next: number): void {
    if (next > (this.#next.get(partition) ?? 0)) this.#next.set(partition, next);
  }

  /** kafkajs only logs that the position is out of range and goes on elsewhere. */
  #heed(message: string): void {
    this.#outage.suspect(message);
    if (message.startsWith('Offset out of range')) void this.#lookAgain();
  }

  async #lookAgain(): Promise<void> {
    try {
      await this.#verify();
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#fail(error);
    }
  }

  async #verify(): Promise<void> {
    for (let look = 1; ; look++) {
      try {
        await this.#patience.insist(() => this.#offsets.verify(new Map(this.#next)));
        return;
      } catch (error) {
        const final = permanentFailure(error, this.#options);
        if (final?.code !== 'TANDEM_SOURCE_OFFSET_OUT_OF_RANGE' || look === LOOKS) throw error;
        await this.#env.clock.sleep(LOOK_AGAIN_MS, this.#stopping.signal);
      }
    }
  }

  /** The next poll of an empty buffer throws it. */
  #fail(error: unknown): void {
    this.#failure ??= permanentFailure(error, this.#options) ?? (error as TandemError);
    this.#stopping.abort(this.#failure);
    this.#buffer.wake();
  }
}

/** Text where it is text. Bytes that are not UTF-8 stay bytes, in memory of their own: kafkajs hands out views of whole responses. */
function toRecord(partition: number, offset: number, { value, timestamp }: KafkaMessage): SourceRecord {
  const text = value === null ? null : isUtf8(value) ? value.toString('utf8') : new Uint8Array(value);
  const receivedMs = Number(timestamp);
  return receivedMs >= 0 ? { partition, offset, value: text, receivedMs } : { partition, offset, value: text };
}
