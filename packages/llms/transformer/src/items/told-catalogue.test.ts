import type { Catalogue, Lesson } from '@tandem-rec/contract';
import { itemText } from '@tandem-rec/data';
import { Notes } from '@tandem-rec/language';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from '../../test/world.ts';
import { ToldCatalogue } from './told-catalogue.ts';

const said = (row: number, text: string): Lesson => ({
  from: 'domain',
  to: 'transformer',
  kind: 'text',
  side: 'item',
  rows: Int32Array.of(row),
  texts: [text],
  weight: 1,
});

const textsOf = (catalogue: Catalogue): string[] =>
  Array.from({ length: catalogue.size }, (_, row) => itemText(catalogue.item(row)));

describe('ToldCatalogue', () => {
  it('adds what was said to the words of an item, the newest last', () => {
    const world = new World(2, 4);
    const notes = new Notes({ perRow: 2, rows: 10, textLimit: 50 });
    const catalogue = new ToldCatalogue(world.catalogue, notes);
    const before = textsOf(catalogue);
    for (const text of ['one', 'two', 'three']) {
      notes.add([said(2, text)]);
      catalogue.hear([said(2, text)]);
    }
    expect(textsOf(catalogue)).toEqual(before.map((text, row) => (row === 2 ? `${text}. two three` : text)));
  });

  it('names every row whose words are others than at a revision, whatever came in between', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ kind: fc.constant('told' as const), row: fc.nat(5), text: fc.string() }),
            fc.record({ kind: fc.constant('renamed' as const), row: fc.nat(5), text: fc.string() }),
          ),
          { maxLength: 20 },
        ),
        fc.nat(20),
        (events, looked) => {
          const world = new World(2, 6);
          const notes = new Notes({ perRow: 1, rows: 10, textLimit: 50 });
          const catalogue = new ToldCatalogue(world.catalogue, notes);
          let seen = { revision: 0, texts: Array<string>(6).fill('') };
          for (const [at, { kind, row, text }] of events.entries()) {
            if (kind === 'renamed') world.rename(row, text);
            else {
              notes.add([said(row, text)]);
              catalogue.hear([said(row, text)]);
            }
            if (at === looked) seen = { revision: catalogue.revision, texts: textsOf(catalogue) };
          }
          const changed = [...catalogue.changedSince(seen.revision)];
          for (const [row, text] of textsOf(catalogue).entries())
            if (text !== seen.texts[row]) expect(changed).toContain(row);
          expect(changed).toEqual([...new Set(changed)].sort((a, b) => a - b));
        },
      ),
    ));
});
