import { TandemError, type JournalSegment, type SourceRecord } from '@tandem-rec/contract';

/** Records that were read and not yet batched, in order within each partition. */
export class RecordBuffer {
  readonly #partitions = new Map<number, { records: SourceRecord[]; head: number }>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(records: readonly SourceRecord[]): void {
    for (const record of records) {
      const queue = this.#partitions.get(record.partition);
      if (queue) queue.records.push(record);
      else this.#partitions.set(record.partition, { records: [record], head: 0 });
    }
    this.#size += records.length;
  }

  /** The next `max` records at most: partitions in ascending order, so that the choice follows from what is buffered. */
  take(max: number): { readonly records: SourceRecord[]; readonly segments: JournalSegment[] } {
    const records: SourceRecord[] = [];
    const segments: JournalSegment[] = [];
    for (const partition of [...this.#partitions.keys()].toSorted((a, b) => a - b)) {
      if (records.length === max) break;
      const taken = this.#shift(partition, max - records.length);
      if (taken.length === 0) continue;
      records.push(...taken);
      segments.push({ partition, from: taken[0].offset, to: taken[taken.length - 1].offset, count: taken.length });
    }
    return { records, segments };
  }

  /** True when a segment of the journal is buffered completely. */
  has({ partition, count }: JournalSegment): boolean {
    const queue = this.#partitions.get(partition);
    return queue !== undefined && queue.records.length - queue.head >= count;
  }

  /** Takes exactly a segment of the journal. Throws `TANDEM_JOURNAL_MISMATCH` if the source now says otherwise. */
  takeSegment(segment: JournalSegment): SourceRecord[] {
    const taken = this.#shift(segment.partition, segment.count);
    const from = taken[0]?.offset;
    const to = taken[taken.length - 1]?.offset;
    if (taken.length !== segment.count || from !== segment.from || to !== segment.to)
      throw new TandemError(
        'TANDEM_JOURNAL_MISMATCH',
        `The journal says ${segment.count} records at offsets ${segment.from} to ${segment.to} of partition ${segment.partition}; the source has ${taken.length === 0 ? 'none of them' : `${taken.length} at ${from} to ${to}`}.`,
      );
    return taken;
  }

  #shift(partition: number, max: number): SourceRecord[] {
    const queue = this.#partitions.get(partition);
    if (!queue) return [];
    const taken = queue.records.slice(queue.head, queue.head + max);
    queue.head += taken.length;
    if (queue.head > 4096 || queue.head === queue.records.length) {
      queue.records = queue.records.slice(queue.head);
      queue.head = 0;
    }
    this.#size -= taken.length;
    return taken;
  }
}
