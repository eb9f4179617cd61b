import type { CatalogueItem } from '@tandem-rec/contract';

/**
 * An item in words: its text fields, then its categories, as sentences: `Toy Story (1995). Animation, Children's, Comedy`.
 * The wording matters to sentence encoders: commas keep kindred items together better than bars, and bare titles are
 * poorly separated. Empty where nothing is known.
 */
export function itemText({ text, categories }: CatalogueItem): string {
  return [...Object.values(text), categories.join(', ')]
    .map((part) => part.trim().replace(/\s+/g, ' ').replace(/\.$/, ''))
    .filter((part) => part !== '')
    .join('. ');
}
