import { savedArray, type Catalogue, type CatalogueItem, type State } from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';
import type { RowIndex } from '@tandem-rec/compute';
import { savedNumber } from './saved-number.ts';

/** The engine's catalogue: items by row, growing while the stream runs. Item records upsert, interactions add bare ids. */
export class GrowingCatalogue implements Catalogue {
  readonly #index: RowIndex;
  #items: (CatalogueItem | undefined)[] = [];
  /** The revision at which each row's text came or changed; 0: it has none. */
  #revisions = new Int32Array(16);
  #revision = 0;

  /** `index`: the item side of the shared embeddings, so that catalogue rows and table rows are the same. */
  constructor(index: RowIndex) {
    this.#index = index;
  }

  get size(): number {
    return this.#index.size;
  }

  get revision(): number {
    return this.#revision;
  }

  item(row: number): CatalogueItem {
    return this.#items[row] ?? { id: this.#index.idOf(row), text: {}, categories: [] };
  }

  row(id: string): number | undefined {
    return this.#index.get(id);
  }

  changedSince(revision: number): Int32Array {
    const rows: number[] = [];
    const known = Math.min(this.#items.length, this.#revisions.length);
    for (let row = 0; row < known; row++) if (this.#revisions[row] > revision) rows.push(row);
    return Int32Array.from(rows);
  }

  /** The item's row; an unknown id is added with empty text. */
  add(id: string): number {
    const row = this.#index.get(id);
    if (row !== undefined) return row;
    this.#revision++;
    return this.#index.add(id);
  }

  /** Adds an item or replaces what is known of it. Returns its row. */
  upsert(item: CatalogueItem): number {
    const row = this.#index.add(item.id);
    const before = this.#items[row];
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(item)) return row;
    this.#items[row] = item;
    this.#revisions = grown(this.#revisions, row + 1);
    this.#revisions[row] = ++this.#revision;
    return row;
  }

  save(): State {
    const known: (readonly [number, number, CatalogueItem])[] = [];
    this.#items.forEach((item, row) => item !== undefined && known.push([row, this.#revisions[row], item]));
    const text = new TextEncoder().encode(JSON.stringify(known));
    return {
      version: 1,
      arrays: [{ name: 'items', shape: [text.length], owner: 'item', data: text }],
      values: { revision: this.#revision },
    };
  }

  /** Ids come back with the shared embeddings; this brings back what is known of them. */
  load(state: State): void {
    this.#items = [];
    this.#revisions.fill(0);
    const known = JSON.parse(new TextDecoder().decode(savedArray(state, 'items', Uint8Array))) as [
      number,
      number,
      CatalogueItem,
    ][];
    for (const [row, revision, item] of known) {
      this.#items[row] = item;
      this.#revisions = grown(this.#revisions, row + 1);
      this.#revisions[row] = revision;
    }
    this.#revision = savedNumber(state, 'revision');
  }
}
