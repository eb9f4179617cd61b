import type { Clock, InteractionSource, JournalEntry, Lag, Positions, SourceRecord } from '@tandem-rec/contract';
import { RecordBuffer } from './record-buffer.ts';

type Segment = JournalEntry['segments'][number];

/** Reads a source into a buffer, from which batches are taken. */
export class SourceReader {
  readonly #source: InteractionSource;
  readonly #clock: Clock;
  readonly #buffer = new RecordBuffer();
  #ended = false;

  constructor(source: InteractionSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** The source will deliver nothing more; what it delivered may still be in the buffer. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Opens the source and answers where each of its partitions begins; undefined if stopped while it waited. */
  async open(positions: Positions, signal: AbortSignal): Promise<Positions | undefined> {
    try {
      return await this.#source.open(positions, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Reads until a batch is full or its time is up; answers how long that took, milliseconds. */
  async fill(
    { events, timeoutMs }: { readonly events: number; readonly timeoutMs: number },
    signal: AbortSignal,
  ): Promise<number> {
    const start = this.#clock.monotonicMs();
    if (this.#buffer.size === 0) await this.#poll(events, Math.max(timeoutMs, 1), signal);
    let left = timeoutMs - (this.#clock.monotonicMs() - start);
    while (this.#buffer.size > 0 && this.#buffer.size < events && left > 0 && !this.#ended && !signal.aborted) {
      await this.#poll(events - this.#buffer.size, left, signal);
      left = timeoutMs - (this.#clock.monotonicMs() - start);
    }
    return this.#clock.monotonicMs() - start;
  }

  /** At most so many records, and the segments that they make up. */
  take(most: number): ReturnType<RecordBuffer['take']> {
    return this.#buffer.take(most);
  }

  /** The records of a segment that was read once, or those of them that are still there; undefined if stopped on the way. */
  async takeAgain(segment: Segment, signal: AbortSignal): Promise<readonly SourceRecord[] | undefined> {
    while (!this.#buffer.has(segment)) {
      if (signal.aborted) return undefined;
      const found = await this.#poll(segment.count, 1000, signal);
      // What was read once must be there; only a source that is away is worth waiting for.
      if (found === 0 && !signal.aborted && (this.#ended || (await this.#lag(signal))?.records === 0)) break;
    }
    return this.#buffer.takeSegment(segment);
  }

  /** Nothing came for a while: because there is nothing, or because the source has not got to it? */
  async caughtUp(signal: AbortSignal): Promise<boolean> {
    return this.#source.lag === undefined || (await this.#lag(signal))?.records === 0;
  }

  /** Unknown after an abort: a source that is away may take long to say so. */
  async #lag(signal: AbortSignal): Promise<Lag | undefined> {
    if (this.#source.lag === undefined || signal.aborted) return undefined;
    const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
    const stop = (): void => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([this.#source.lag(), stopped]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Answers how many records came. */
  async #poll(max: number, timeoutMs: number, signal: AbortSignal): Promise<number> {
    if (this.#ended) return 0;
    const { records, ended } = await this.#source.poll(max, timeoutMs, signal);
    this.#buffer.add(records);
    this.#ended = ended;
    return records.length;
  }
}
