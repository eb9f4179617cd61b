import {
  TandemError,
  type Clock,
  type DatasetReader,
  type InteractionSource,
  type Lag,
  type Logger,
  type PollResult,
  type Positions,
  type SourceRecord,
} from '@tandem-rec/contract';
import { streamDataset, type DatasetStream, type StreamRecord } from '@tandem-rec/data';
import { paceOf, type Pace, type Speed } from './speed.ts';

const PARTITION = 0;

/** A replay under way. */
interface Running {
  readonly total: number;
  readonly records: Iterator<StreamRecord, void>;
  readonly pace: Pace;
  readonly startMs: number;
  /** Offset of `upcoming`. */
  next: number;
  upcoming: { readonly record: StreamRecord; readonly dueMs: number } | undefined;
}

/** Plays a dataset as the stream it could have been. One partition, 0; a record's offset is its place in the stream. */
export class ReplaySource implements InteractionSource {
  readonly #reader: DatasetReader;
  readonly #speed: Speed;
  readonly #env: { readonly log: Logger; readonly clock: Clock; readonly signal: AbortSignal };
  #running: Running | undefined;

  constructor(
    reader: DatasetReader,
    speed: Speed,
    env: { readonly log: Logger; readonly clock: Clock; readonly signal: AbortSignal },
  ) {
    this.#reader = reader;
    this.#speed = speed;
    this.#env = env;
  }

  async open(positions: Positions, signal: AbortSignal = this.#env.signal): Promise<Positions> {
    const called = AbortSignal.any([this.#env.signal, signal]);
    called.throwIfAborted();
    const stream = await streamDataset(this.#reader, { signal: called });
    this.#report(stream);
    const total = stream.items + stream.interactions;
    const start = positions.get(PARTITION) ?? 0;
    if (start > total) {
      throw new TandemError(
        'TANDEM_SOURCE_OFFSET_OUT_OF_RANGE',
        `The dataset ${this.#reader.name} has ${total} records; there is no offset ${start}.`,
        {
          details: { dataset: this.#reader.name, position: start, records: total },
        },
      );
    }
    const records = stream.records();
    for (let i = 0; i < start; i++) records.next();
    this.#running = {
      total,
      records,
      pace: paceOf(this.#speed),
      startMs: this.#env.clock.monotonicMs(),
      next: start,
      upcoming: undefined,
    };
    advance(this.#running);
    return new Map([[PARTITION, start]]);
  }

  async poll(max: number, timeoutMs: number, signal?: AbortSignal): Promise<PollResult> {
    const running = this.#opened();
    const { clock } = this.#env;
    const until = clock.monotonicMs() + timeoutMs;
    while (!signal?.aborted) {
      const records = takeDue(running, max, clock.monotonicMs() - running.startMs);
      const { upcoming } = running;
      if (records.length > 0 || upcoming === undefined) return { records, ended: upcoming === undefined };
      const nowMs = clock.monotonicMs();
      if (nowMs >= until) break;
      // Clocks that round down would wake up just before the record is due.
      const waitMs = Math.max(1, Math.ceil(running.startMs + upcoming.dueMs - nowMs));
      await clock.sleep(Math.min(waitMs, until - nowMs), signal).catch((error: unknown) => {
        if (!signal?.aborted) throw error;
      });
    }
    return { records: [], ended: false };
  }

  /** All that has not been played yet. */
  async lag(): Promise<Lag> {
    const { total, next } = this.#opened();
    return { records: total - next };
  }

  async close(): Promise<void> {
    this.#running = undefined;
  }

  #opened(): Running {
    if (this.#running === undefined) throw new Error('The replay is not open.');
    return this.#running;
  }

  #report({ rowErrors }: DatasetStream): void {
    if (rowErrors.count === 0) return;
    this.#env.log.warn('Rows of the dataset could not be read and are left out.', {
      dataset: this.#reader.name,
      ...rowErrors,
    });
  }
}

function takeDue(running: Running, max: number, elapsedMs: number): readonly SourceRecord[] {
  const records: SourceRecord[] = [];
  while (records.length < max && running.upcoming !== undefined && running.upcoming.dueMs <= elapsedMs) {
    records.push({ partition: PARTITION, offset: running.next++, value: running.upcoming.record.value });
    advance(running);
  }
  return records;
}

function advance(running: Running): void {
  const { done, value } = running.records.next();
  running.upcoming = done ? undefined : { record: value, dueMs: running.pace.dueMs(value) };
}
