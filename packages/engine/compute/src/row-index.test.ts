import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { RowIndex } from './row-index.ts';

describe('RowIndex', () => {
  it('gives rows in order of arrival and the same id the same row', () => {
    const index = new RowIndex();
    expect(['b', 'a', 'b', 'c', ''].map((id) => index.add(id))).toEqual([0, 1, 0, 2, 3]);
    expect(index.get('a')).toBe(1);
    expect(index.get('never')).toBeUndefined();
    expect(index.idOf(2)).toBe('c');
    expect(index.size).toBe(4);
    expect(() => index.idOf(4)).toThrow(/Row 4 of 4/);
  });

  it('keeps every id exactly, unpaired surrogates and prototype names included', () => {
    const anything = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', '\udc00\ud800', '__proto__', 'é', 'e\u0301')),
    );
    fc.assert(
      fc.property(anything, (ids) => {
        const index = new RowIndex();
        const rows = ids.map((id) => index.add(id));
        const copy = new RowIndex();
        copy.add('something older');
        copy.load(index.save());
        expect(copy.ids).toEqual(index.ids);
        expect(ids.map((id) => copy.get(id))).toEqual(rows);
      }),
    );
  });
});
