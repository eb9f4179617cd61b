import type { CatalogueItem, DatasetReader } from '@tandem-rec/contract';
import { expect, it } from 'vitest';

import { loadItems } from './load-dataset.ts';
import { numpyRandom } from './numpy-random.ts';
import { withPermutedTexts } from './permuted-texts.ts';

const items: readonly CatalogueItem[] = Array.from({ length: 50 }, (_, k) => ({
  id: `i${k}`,
  text: { title: `title ${k}` },
  categories: [`c${k}`],
  availableAtMs: k,
}));

const reader: DatasetReader = {
  name: 'texts',
  chronology: 'time',
  async *interactions() {
    yield { user: 'u', item: 'i1', atMs: 1, kind: 'interaction', value: 1 };
  },
  async *items() {
    yield* items;
  },
};

it('gives every item the words of another, and each word list to one item', async () => {
  const { items: permuted } = await loadItems(withPermutedTexts(reader, numpyRandom(1)));
  expect(permuted.map(({ id, availableAtMs }) => [id, availableAtMs])).toEqual(
    items.map(({ id, availableAtMs }) => [id, availableAtMs]),
  );
  permuted.forEach(({ text }, k) => expect(text).not.toEqual(items[k].text));
  expect(permuted.map(({ text, categories }) => `${text['title']} ${categories[0]}`).sort()).toEqual(
    items.map(({ text, categories }) => `${text['title']} ${categories[0]}`).sort(),
  );
  expect((await loadItems(withPermutedTexts(reader, numpyRandom(1)))).items).toEqual(permuted);
  expect((await loadItems(withPermutedTexts(reader, numpyRandom(2)))).items).not.toEqual(permuted);
});
