import type { CatalogueItem } from '@tandem-rec/contract';

/**
 * What an item says about itself, in the words every text encoder sees: fields in their order, then the categories,
 * `Toy Story (1995). Animation, Children's, Comedy`. The wording matters: with categories sentence encoders separate
 * items that bare titles do not, and joined by commas better than by bars. White space of any kind is one blank. Empty if
 * nothing is known.
 */
export function itemText({ text, categories }: CatalogueItem): string {
  return [...Object.values(text), categories.join(', ')]
    .map((part) => part.trim().replace(/\s+/g, ' '))
    .filter((part) => part !== '')
    .map((part, index, parts) => (index === parts.length - 1 || /[.!?…]$/.test(part) ? part : `${part}.`))
    .join(' ');
}
