import type { JournalSegment, SourceRecord } from '@tandem-rec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBuffer } from './record-buffer.ts';

const record = (partition: number, offset: number): SourceRecord => ({
  partition,
  offset,
  value: `${partition}/${offset}`,
});
const numbered = (partition: number, from: number, count: number): SourceRecord[] =>
  Array.from({ length: count }, (_, k) => record(partition, from + k));

describe('RecordBuffer', () => {
  it('takes partitions in ascending order, and says what it took', () => {
    const buffer = new RecordBuffer();
    buffer.add([...numbered(2, 5, 3), ...numbered(0, 100, 2)]);
    expect(buffer.take(4)).toEqual({
      records: [...numbered(0, 100, 2), ...numbered(2, 5, 2)],
      segments: [
        { partition: 0, from: 100, to: 101, count: 2 },
        { partition: 2, from: 5, to: 6, count: 2 },
      ],
    });
    expect(buffer.size).toBe(1);
    expect(buffer.take(4).segments).toEqual([{ partition: 2, from: 7, to: 7, count: 1 }]);
    expect(buffer.take(4)).toEqual({ records: [], segments: [] });
  });

  it('takes by the journal what it took by itself, in whatever portions the records come again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 5000 })), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 700 }),
        (portions, sizes, portion) => {
          const next = [0, 0, 0];
          const all = portions.flatMap(([partition, count]) =>
            numbered(partition, (next[partition] += count) - count, count).filter(({ offset }) => offset % 7 !== 3),
          );
          const [first, again] = [new RecordBuffer(), new RecordBuffer()];
          first.add(all);
          const taken: { readonly records: readonly SourceRecord[]; readonly segments: readonly JournalSegment[] }[] =
            [];
          for (let k = 0; first.size > 0; k++) taken.push(first.take(sizes[k % sizes.length]));
          expect(
            taken
              .flatMap(({ records }) => records)
              .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset),
          ).toEqual(all.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset));
          let read = 0;
          for (const { records, segments } of taken) {
            const repeated = segments.flatMap((segment) => {
              while (!again.has(segment)) again.add(all.slice(read, (read += portion)));
              return again.takeSegment(segment);
            });
            expect(repeated).toEqual(records);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('refuses a segment that is not what comes next', () => {
    const buffer = new RecordBuffer();
    buffer.add(numbered(0, 10, 3));
    expect(buffer.has({ partition: 0, from: 10, to: 13, count: 4 })).toBe(false);
    expect(() => buffer.takeSegment({ partition: 0, from: 11, to: 12, count: 2 })).toThrow(
      expect.objectContaining({
        code: 'TANDEM_JOURNAL_MISMATCH',
        message: expect.stringContaining('2 records at offsets 11 to 12 of partition 0; the source has 2 at 10 to 11'),
      }),
    );
    expect(() => buffer.takeSegment({ partition: 1, from: 0, to: 0, count: 1 })).toThrow(/none of them/);
  });
});
