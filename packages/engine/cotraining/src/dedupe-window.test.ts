import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DedupeWindow } from './dedupe-window.ts';

const ids = fc.array(fc.oneof(fc.nat(12).map(String), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 80 });

/** What a window of `capacity` says, in the plainest way. */
function plainly(met: readonly string[], capacity: number): boolean[] {
  let window: string[] = [];
  return met.map((id) => {
    if (window.includes(id)) return true;
    window = capacity === 0 ? [] : [...window, id].slice(-capacity);
    return false;
  });
}

describe('DedupeWindow', () => {
  it('knows an id within the window and not beyond it', () => {
    fc.assert(
      fc.property(ids, fc.nat(20), (met, capacity) => {
        const window = new DedupeWindow(capacity);
        expect(met.map((id) => window.seen(id))).toEqual(plainly(met, capacity));
      }),
    );
  });

  it('comes back from its state and goes on', () => {
    fc.assert(
      fc.property(ids, ids, fc.nat(20), (before, after, capacity) => {
        const window = new DedupeWindow(capacity);
        for (const id of before) window.seen(id);
        const loaded = new DedupeWindow(capacity);
        loaded.seen('from another life');
        loaded.load(structuredClone(window.save()));
        expect(loaded.save()).toEqual(window.save());
        expect(after.map((id) => loaded.seen(id))).toEqual(after.map((id) => window.seen(id)));
      }),
    );
  });
});
