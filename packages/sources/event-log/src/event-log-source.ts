import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  TandemError,
  type Clock,
  type InteractionSource,
  type Lag,
  type Logger,
  type PollResult,
  type Positions,
  type SourceRecord,
} from '@tandem-rec/contract';
import { openLogFile, reasonOf } from './log-file.ts';
import { whenFree } from './patience.ts';

const PARTITION = 0;

type Row = [offset: number, value: string | Uint8Array, at: number];

/** Where the log begins and ends. */
interface Range {
  /** Offset of the oldest record; `next` if there is none. */
  readonly first: number;
  /** Offset that the next record will get. */
  readonly next: number;
}

interface Reader {
  readonly database: DatabaseSync;
  readonly read: StatementSync;
  readonly newest: StatementSync;
  next: number;
}

/** The reading end of an embedded event log. One partition, 0. */
export class EventLogSource implements InteractionSource {
  readonly #path: string;
  readonly #from: 'earliest' | 'latest';
  readonly #pollMs: number;
  readonly #env: { readonly log: Logger; readonly clock: Clock; readonly signal: AbortSignal };
  #reader: Reader | undefined;

  constructor(
    path: string,
    from: 'earliest' | 'latest',
    pollMs: number,
    env: { readonly log: Logger; readonly clock: Clock; readonly signal: AbortSignal },
  ) {
    this.#path = path;
    this.#from = from;
    this.#pollMs = pollMs;
    this.#env = env;
  }

  async open(positions: Positions, signal: AbortSignal = this.#env.signal): Promise<Positions> {
    const called = AbortSignal.any([this.#env.signal, signal]);
    called.throwIfAborted();
    const database = await this.#attempt(() => openLogFile(this.#path), called);
    try {
      const range = await this.#attempt(() => rangeOf(database), called);
      const read = database.prepare('select offset, value, at from records where offset >= ? order by offset limit ?');
      read.setReturnArrays(true);
      const newest = database.prepare('select max(offset) as newest from records');
      const next = this.#start(range, positions.get(PARTITION));
      this.#reader = { database, read, newest, next };
      return new Map([[PARTITION, next]]);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  async poll(max: number, timeoutMs: number, signal?: AbortSignal): Promise<PollResult> {
    const reader = this.#opened();
    const { clock } = this.#env;
    const until = clock.monotonicMs() + timeoutMs;
    try {
      while (!signal?.aborted) {
        const rows = await this.#attempt(() => reader.read.all(reader.next, max) as unknown as readonly Row[], signal);
        if (rows.length > 0) {
          reader.next = rows[rows.length - 1][0] + 1;
          return { records: rows.map(toRecord), ended: false };
        }
        const leftMs = until - clock.monotonicMs();
        if (leftMs <= 0) break;
        await clock.sleep(Math.min(this.#pollMs, leftMs), signal);
      }
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
    return { records: [], ended: false };
  }

  async lag(): Promise<Lag> {
    const reader = this.#opened();
    // Not by the number of the next record: those that were deleted will not come.
    const newest = await this.#attempt(() => reader.newest.get()?.['newest']);
    return { records: typeof newest === 'number' ? Math.max(0, newest + 1 - reader.next) : 0 };
  }

  async close(): Promise<void> {
    this.#reader?.database.close();
    this.#reader = undefined;
  }

  #start({ first, next }: Range, position: number | undefined): number {
    if (position === undefined) return this.#from === 'earliest' ? first : next;
    if (position > next || (position < first && first > 1)) {
      const there = first === next ? `the next one will be ${next}` : `it holds ${first} to ${next - 1}`;
      throw new TandemError(
        'TANDEM_SOURCE_OFFSET_OUT_OF_RANGE',
        `The event log ${this.#path} has no offset ${position}: ${there}.`,
        {
          details: { path: this.#path, position, first, next },
        },
      );
    }
    return position;
  }

  #opened(): Reader {
    if (this.#reader === undefined) throw new Error('The event log is not open.');
    return this.#reader;
  }

  async #attempt<T>(act: () => T, signal?: AbortSignal): Promise<T> {
    try {
      return await whenFree(act, this.#env, this.#path, signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (TandemError.is(error)) throw error;
      throw new TandemError(
        'TANDEM_SOURCE_UNREADABLE',
        `The event log ${this.#path} cannot be read: ${reasonOf(error)}.`,
        { cause: error, details: { path: this.#path } },
      );
    }
  }
}

const toRecord = ([offset, value, receivedMs]: Row): SourceRecord => ({
  partition: PARTITION,
  offset,
  value,
  receivedMs,
});

/** Deleted records keep their numbers: SQLite remembers the last one it gave out. */
function rangeOf(database: DatabaseSync): Range {
  const row = database
    .prepare(
      "select (select min(offset) from records) as first, coalesce((select seq from sqlite_sequence where name = 'records'), 0) as last",
    )
    .get();
  const next = Number(row?.['last']) + 1;
  return { first: row?.['first'] === null ? next : Number(row?.['first']), next };
}
