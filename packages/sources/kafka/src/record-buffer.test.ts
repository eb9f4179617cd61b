import type { SourceRecord } from '@tandem-rec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { RecordBuffer } from './record-buffer.ts';

const record = (partition: number, offset: number): SourceRecord => ({
  partition,
  offset,
  value: `${partition}/${offset}`,
});
const run = (partition: number, from: number, count: number): SourceRecord[] =>
  Array.from({ length: count }, (_, k) => record(partition, from + k));

describe('RecordBuffer', () => {
  it('gives out in any portions what went in in any portions', () => {
    const steps = fc.array(fc.record({ push: fc.nat(7), take: fc.nat(7) }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (all) => {
        const buffer = new RecordBuffer(10);
        const out: SourceRecord[] = [];
        let pushed = 0;
        for (const { push, take } of all) {
          buffer.push(run(0, pushed, push));
          pushed += push;
          const taken = buffer.take(take);
          expect(taken.length).toBe(Math.min(take, pushed - out.length));
          out.push(...taken);
          expect(buffer.size).toBe(pushed - out.length);
          expect(buffer.full).toBe(buffer.size >= 10);
        }
        out.push(...buffer.take(1000));
        expect(out).toEqual(run(0, 0, pushed));
      }),
    );
  });

  it('drops what waits of one partition and says from where on', () => {
    const buffer = new RecordBuffer(100);
    buffer.push(run(0, 0, 5));
    buffer.push(run(1, 20, 3));
    buffer.push(run(0, 5, 2));
    buffer.take(2);

    expect(buffer.drop(0)).toBe(2);
    expect(buffer.size).toBe(3);
    expect(buffer.take(10)).toEqual(run(1, 20, 3));
    expect(buffer.drop(1)).toBeUndefined();
  });

  it('tells of changes to who waits', async () => {
    const buffer = new RecordBuffer(100);
    const changed = buffer.change.then(() => buffer.size);
    buffer.push([]);
    buffer.push(run(0, 0, 1));
    expect(await changed).toBe(1);
  });
});
