import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { UserHistories } from './user-histories.ts';

describe('BatchBuilder', () => {
  it('lays events out with the history that each had', () => {
    const histories = new UserHistories();
    for (const item of [10, 11, 12, 13]) histories.append(2, item);
    histories.append(0, 20);
    const builder = new BatchBuilder(histories, 2);
    builder.begin();
    builder.add(2, 13, 3, 4.5, 1e12, true);
    builder.add(0, 20, 0, 1, 1e12 + 1, true);
    builder.add(2, 11, 1, 2, 1e12 - 5, false);
    expect(builder.batch(70)).toEqual({
      size: 3,
      fresh: 2,
      sequence: 70,
      users: Int32Array.of(2, 0, 2),
      items: Int32Array.of(13, 20, 11),
      positions: Int32Array.of(3, 0, 1),
      values: Float32Array.of(4.5, 1, 2),
      atMs: Float64Array.of(1e12, 1e12 + 1, 1e12 - 5),
      history: { offsets: Int32Array.of(0, 2, 2, 3), items: Int32Array.of(12, 11, 10) },
    });
  });

  it('begins anew in the same arrays', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.record({ user: fc.nat(5), item: fc.nat(99) }), { maxLength: 60 }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 1, max: 40 }),
        (batches, limit) => {
          const histories = new UserHistories();
          const builder = new BatchBuilder(histories, limit);
          const lived: { readonly user: number; readonly before: readonly number[] }[][] = [];
          for (const events of batches) {
            builder.begin();
            lived.push(
              events.map(({ user, item }) => {
                const position = histories.length(user);
                const before = [...histories.before(user, position)];
                histories.append(user, item);
                builder.add(user, item, position, 1, 0, true);
                return { user, before };
              }),
            );
            const { size, users, items, positions, history } = builder.batch(0);
            const rows = lived.at(-1)!;
            expect([size, users.length, items.length, history.offsets.length]).toEqual([
              rows.length,
              rows.length,
              rows.length,
              rows.length + 1,
            ]);
            rows.forEach(({ user, before }, row) => {
              expect([users[row], positions[row]]).toEqual([user, before.length]);
              expect([...history.items.subarray(history.offsets[row], history.offsets[row + 1])]).toEqual(
                before.toReversed().slice(0, limit),
              );
            });
          }
        },
      ),
    );
  });

  it('has an empty past for somebody who was never met', () => {
    const builder = new BatchBuilder(new UserHistories(), 5);
    builder.begin();
    builder.add(-1, 0, 0, 0, 1e12, true);
    expect(builder.contexts()).toEqual({
      size: 1,
      users: Int32Array.of(-1),
      positions: Int32Array.of(0),
      atMs: Float64Array.of(1e12),
      history: { offsets: Int32Array.of(0, 0), items: new Int32Array(0) },
    });
  });
});
