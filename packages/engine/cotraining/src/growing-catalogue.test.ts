import { RowIndex } from '@tandem-rec/compute';
import type { CatalogueItem } from '@tandem-rec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingCatalogue } from './growing-catalogue.ts';

const item = (id: string, title: string): CatalogueItem => ({ id, text: { title }, categories: [] });

describe('GrowingCatalogue', () => {
  it('learns ids from interactions and texts from item records, in any order', () => {
    const catalogue = new GrowingCatalogue(new RowIndex());
    expect(catalogue.add('a')).toBe(0);
    expect(catalogue.item(0)).toEqual({ id: 'a', text: {}, categories: [] });
    expect(catalogue.upsert(item('b', 'Bee'))).toBe(1);
    expect(catalogue.upsert(item('a', 'Ay'))).toBe(0);
    expect([catalogue.size, catalogue.row('b'), catalogue.row('c')]).toEqual([2, 1, undefined]);
    expect([catalogue.item(0), catalogue.item(1)]).toEqual([item('a', 'Ay'), item('b', 'Bee')]);
  });

  it('tells which texts are new or changed since a revision', () => {
    const catalogue = new GrowingCatalogue(new RowIndex());
    for (const id of ['a', 'b', 'c', 'd']) catalogue.add(id);
    expect([...catalogue.changedSince(0)]).toEqual([]);
    catalogue.upsert(item('d', 'Dee'));
    catalogue.upsert(item('b', 'Bee'));
    const { revision } = catalogue;
    expect([...catalogue.changedSince(0)]).toEqual([1, 3]);
    catalogue.upsert(item('b', 'Bee'));
    expect(catalogue.revision, 'the same again is no change').toBe(revision);
    catalogue.upsert(item('b', 'Be'));
    expect(catalogue.revision).toBe(revision + 1);
    expect([...catalogue.changedSince(revision)]).toEqual([1]);
  });

  it('has a greater revision after an id came without text', () => {
    const catalogue = new GrowingCatalogue(new RowIndex());
    const { revision } = catalogue;
    catalogue.add('a');
    expect(catalogue.revision).toBe(revision + 1);
    catalogue.add('a');
    expect(catalogue.revision).toBe(revision + 1);
  });

  it('comes back from its state and goes on', () => {
    const record = fc.oneof(
      fc.nat(40).map((n) => String(n)),
      fc.record({
        id: fc.nat(40).map(String),
        text: fc.dictionary(fc.string(), fc.string({ unit: 'binary' })),
        categories: fc.array(fc.string()),
      }),
    );
    const put = (catalogue: GrowingCatalogue, records: readonly (string | CatalogueItem)[]): void => {
      for (const one of records)
        if (typeof one === 'string') catalogue.add(one);
        else catalogue.upsert(one);
    };
    fc.assert(
      fc.property(fc.array(record), fc.array(record), (before, after) => {
        const [index, restored] = [new RowIndex(), new RowIndex()];
        const catalogue = new GrowingCatalogue(index);
        put(catalogue, before);
        restored.load(index.save());
        const loaded = new GrowingCatalogue(restored);
        loaded.load(structuredClone(catalogue.save()));
        for (const one of [catalogue, loaded]) put(one, after);
        const all = (one: GrowingCatalogue): unknown => Array.from({ length: one.size }, (_, row) => one.item(row));
        expect(all(loaded)).toEqual(all(catalogue));
        for (let revision = 0; revision <= catalogue.revision; revision++)
          expect(loaded.changedSince(revision)).toEqual(catalogue.changedSince(revision));
        expect(loaded.revision).toBe(catalogue.revision);
      }),
    );
  });
});
