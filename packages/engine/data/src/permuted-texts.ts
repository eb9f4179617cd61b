import type { CatalogueItem, DatasetReader, Rng } from '@tandem-rec/contract';

/**
 * The control for words: a dataset in which every item has another item's texts and categories. What happened, and when
 * items became available, stays. One cycle through all items (Sattolo 1986), so that nobody keeps its own.
 */
export const withPermutedTexts = (reader: DatasetReader, rng: Pick<Rng, 'int'>): DatasetReader => ({
  name: reader.name,
  chronology: reader.chronology,
  interactions: (onError, part) => reader.interactions(onError, part),
  async *items(onError) {
    const items: CatalogueItem[] = [];
    for await (const item of reader.items(onError)) items.push(item);
    const giver = items.map((_, k) => k);
    for (let last = giver.length - 1; last > 0; last--) {
      const other = rng.int(last);
      [giver[last], giver[other]] = [giver[other], giver[last]];
    }
    for (const [k, item] of items.entries()) {
      const { text, categories } = items[giver[k]];
      yield { ...item, text, categories };
    }
  },
});
