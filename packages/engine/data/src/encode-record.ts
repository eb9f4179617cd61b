import type { CatalogueItem, Interaction } from '@tandem-rec/contract';

/** The wire form of an interaction, which `decodeRecord` gives back unchanged. Defaults are left out. */
export function encodeInteraction({ user, item, atMs, kind, value, id }: Interaction): string {
  return JSON.stringify({
    user,
    item,
    at: atMs,
    kind: kind === 'interaction' ? undefined : kind,
    value: value === 1 ? undefined : value,
    id,
  });
}

/** The wire form of what is known of an item, which `decodeRecord` gives back unchanged. */
export function encodeItem({ id, text, categories }: CatalogueItem): string {
  return JSON.stringify({ type: 'item', item: id, text, categories });
}
