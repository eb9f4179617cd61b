import type { SourceRecord } from '@tandem-rec/contract';

/** Records between the client that pushes and the reader that polls. */
export class RecordBuffer {
  readonly #limit: number;
  #chunks: (readonly SourceRecord[])[] = [];
  /** Read position in the first chunk. */
  #at = 0;
  #size = 0;
  #change = Promise.withResolvers<void>();

  /** @param limit `full` from this many records on; one more chunk than fits may be pushed */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  get full(): boolean {
    return this.#size >= this.#limit;
  }

  /** Resolves at the next push, take, drop or {@link wake}. */
  get change(): Promise<void> {
    return this.#change.promise;
  }

  push(records: readonly SourceRecord[]): void {
    if (records.length === 0) return;
    this.#chunks.push(records);
    this.#size += records.length;
    this.wake();
  }

  /** At most `max` records, oldest first. */
  take(max: number): readonly SourceRecord[] {
    const taken: SourceRecord[] = [];
    while (taken.length < max && this.#chunks.length > 0) {
      const chunk = this.#chunks[0];
      const end = Math.min(chunk.length, this.#at + max - taken.length);
      for (; this.#at < end; this.#at++) taken.push(chunk[this.#at]);
      if (this.#at < chunk.length) break;
      this.#chunks.shift();
      this.#at = 0;
    }
    this.#size -= taken.length;
    if (taken.length > 0) this.wake();
    return taken;
  }

  /** Forgets what waits of a partition. Returns the offset of the first record forgotten, if any. */
  drop(partition: number): number | undefined {
    const waiting = this.#chunks.flatMap((chunk, index) => (index === 0 ? chunk.slice(this.#at) : chunk));
    const kept = waiting.filter((record) => record.partition !== partition);
    this.#chunks = kept.length === 0 ? [] : [kept];
    this.#at = 0;
    this.#size = kept.length;
    this.wake();
    return waiting.find((record) => record.partition === partition)?.offset;
  }

  /** Lets everyone who waits for a change look again. */
  wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
