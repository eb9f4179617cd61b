import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserHistories } from './user-histories.ts';

const events = fc.array(fc.tuple(fc.nat(30), fc.nat(1000)), { maxLength: 200 });

function filled(met: readonly (readonly [number, number])[]): {
  readonly histories: UserHistories;
  readonly plain: Map<number, number[]>;
} {
  const histories = new UserHistories();
  const plain = new Map<number, number[]>();
  for (const [user, item] of met) {
    histories.append(user, item);
    plain.set(user, [...(plain.get(user) ?? []), item]);
  }
  return { histories, plain };
}

describe('UserHistories', () => {
  it('keeps what everybody met, in order', () => {
    fc.assert(
      fc.property(events, (met) => {
        const { histories, plain } = filled(met);
        for (let user = -1; user < 33; user++) {
          const items = plain.get(user) ?? [];
          expect(histories.length(user)).toBe(items.length);
          expect([...histories.before(user, items.length)]).toEqual(items);
          items.forEach((item, position) => expect(histories.at(user, position)).toBe(item));
        }
      }),
    );
  });

  it('hands out the newest before a moment, and no more than wanted', () => {
    fc.assert(
      fc.property(events, fc.nat(20), fc.nat(20), fc.nat(3), (met, position, limit, offset) => {
        const { histories, plain } = filled(met);
        for (const [user, items] of plain) {
          const then = Math.min(position, items.length);
          const into = new Int32Array(offset + limit + 1).fill(-7);
          const count = histories.newestFirst(user, then, limit, into, offset);
          expect([...into]).toEqual([
            ...Array<number>(offset).fill(-7),
            ...items.slice(0, then).toReversed().slice(0, limit),
            ...Array<number>(limit + 1 - count).fill(-7),
          ]);
          expect([...histories.before(user, then)]).toEqual(items.slice(0, then));
          for (const item of [...items, 5000])
            expect(histories.hasBefore(user, then, item)).toBe(items.slice(0, then).includes(item));
        }
      }),
    );
  });

  it('knows nothing of a user without a row', () => {
    const { histories } = filled([[0, 1]]);
    for (const user of [-1, 1, 99]) {
      expect(histories.newestFirst(user, 5, 5, new Int32Array(5), 0)).toBe(0);
      expect(histories.hasBefore(user, 1, 1)).toBe(false);
    }
  });

  it('comes back from its state and goes on', () => {
    fc.assert(
      fc.property(events, events, (before, after) => {
        const { histories } = filled(before);
        const loaded = new UserHistories();
        loaded.append(40, 1); // What was there before must be gone.
        loaded.load(structuredClone(histories.save()));
        for (const [user, item] of after) {
          histories.append(user, item);
          loaded.append(user, item);
        }
        expect(loaded.save()).toEqual(histories.save());
        expect(loaded.users).toBe(histories.users);
      }),
    );
  });

  it('refuses a state that is not its own', () => {
    expect(() => new UserHistories().load({ version: 1, arrays: [], values: {} })).toThrow(
      expect.objectContaining({ code: 'TANDEM_STATE_MISMATCH' }),
    );
  });
});
