import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packedPasts } from './packed-pasts.ts';

/** Lives with the items that each has from the first of its pasts on, and how many came before. */
const lives = fc.array(fc.record({ before: fc.nat(12), pasts: fc.integer({ min: 1, max: 15 }) }), { maxLength: 8 });

describe('packedPasts', () => {
  it('puts every past behind its newest items, each place to one sequence', () =>
    fc.assert(
      fc.property(lives, fc.integer({ min: 1, max: 9 }), (given, window) => {
        // Item u · 100 + t is the t-th of life u.
        const pasts = given.flatMap(({ before, pasts }, u) =>
          Array.from({ length: pasts }, (_, k) =>
            Array.from({ length: Math.min(window, before + k) }, (_, age) => u * 100 + before + k - 1 - age),
          ),
        );
        const offsets = Int32Array.from([0, ...pasts.map((_, b) => pasts.slice(0, b + 1).flat().length)]);
        const runs = Int32Array.from([
          0,
          ...given.map((_, u) => given.slice(0, u + 1).reduce((n, l) => n + l.pasts, 0)),
        ]);
        const items = Int32Array.from(pasts.flat());
        const size = pasts.length;
        const packing = packedPasts({ size, offsets, items, runs, vectors: new Float32Array(0) }, window);
        expect(packing.items.length).toBe(packing.lines * packing.width);
        expect(packing.width).toBeLessThanOrEqual(window);
        for (const [b, past] of pasts.entries()) {
          const place = packing.states[b];
          expect(place < 0).toBe(past.length === 0);
          if (place < 0) continue;
          const start = packing.starts[place];
          expect(packing.ages[place]).toBe(place - start);
          expect(Math.floor(start / packing.width)).toBe(Math.floor(place / packing.width));
          const read = [...packing.items.subarray(start, place + 1)].reverse();
          expect(read).toEqual(past.slice(0, read.length));
          // All of it, unless a life longer than the window was cut: then at least half a window.
          expect(read.length).toBeGreaterThanOrEqual(Math.min(past.length, Math.ceil(window / 2)));
        }
        // Who stands alone is read whole.
        for (const [u, { pasts: count }] of given.entries())
          if (count === 1 && pasts[runs[u]].length > 0)
            expect(packing.states[runs[u]] - packing.starts[packing.states[runs[u]]] + 1).toBe(pasts[runs[u]].length);
      }),
    ));
});
