import { SeededRng } from '@tandem-rec/compute';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventMemory } from './event-memory.ts';

const remember = (memory: EventMemory, from: number, count: number): void => {
  for (let event = from; event < from + count; event++)
    memory.add(event, event * 2, event % 7, event / 4, 1e12 + event);
};

/** The events in a memory, as the user rows that `remember` gave them. */
const kept = (memory: EventMemory): number[] => [...memory.users.subarray(0, memory.size)].toSorted((a, b) => a - b);

describe('EventMemory', () => {
  it('keeps the newest, each whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(5000), (capacity, count) => {
        const memory = new EventMemory(capacity);
        remember(memory, 0, count);
        const size = Math.min(capacity, count);
        expect(kept(memory)).toEqual(Array.from({ length: size }, (_, k) => count - size + k));
        for (let slot = 0; slot < size; slot++) {
          const event = memory.users[slot];
          expect([memory.items[slot], memory.positions[slot], memory.values[slot], memory.times[slot]]).toEqual([
            event * 2,
            event % 7,
            event / 4,
            1e12 + event,
          ]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('draws every event kept, none more often than others', () => {
    const memory = new EventMemory(20);
    remember(memory, 0, 33);
    const drawn = new Map<number, number>();
    const rng = new SeededRng(1, 'draw');
    for (let k = 0; k < 20_000; k++) {
      const event = memory.users[memory.draw(rng)];
      drawn.set(event, (drawn.get(event) ?? 0) + 1);
    }
    expect([...drawn.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, k) => 13 + k));
    for (const count of drawn.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('comes back from its state and goes on, also where the ring has turned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(4000), fc.nat(3000), (capacity, before, after) => {
        const memory = new EventMemory(capacity);
        remember(memory, 0, before);
        const loaded = new EventMemory(capacity);
        loaded.load(structuredClone(memory.save()));
        for (const one of [memory, loaded]) remember(one, before, after);
        expect(loaded.save()).toEqual(memory.save());
      }),
      { numRuns: 30 },
    );
  });
});
