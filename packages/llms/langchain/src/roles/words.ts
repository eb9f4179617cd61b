import type { Catalogue, CatalogueItem, Side } from '@tandem-rec/contract';
import { itemText } from '@tandem-rec/data';
import { clipped, type Notes } from '@tandem-rec/language';
import type { LangchainOptions } from '../langchain-options.ts';

/** An item as prompts show it. */
export type ItemWords = { readonly text: string; readonly said?: readonly string[] };

/** A user as prompts show them: what they chose, newest first. */
export type UserWords = { readonly past: readonly string[]; readonly said?: readonly string[] };

/** Users and items as data for prompts: their texts, and what others said of them (the expert hints of DOKE). */
export class Words {
  readonly #catalogue: Catalogue;
  readonly #notes: Notes;
  readonly #history: number;
  readonly #limit: number;

  constructor(catalogue: Catalogue, notes: Notes, { history, textLimit }: LangchainOptions) {
    this.#catalogue = catalogue;
    this.#notes = notes;
    this.#history = history;
    this.#limit = textLimit;
  }

  /** The text of an item; empty where nothing is known, or for a row that is not in the catalogue yet. */
  text(row: number): string {
    return clipped(itemText(this.record(row)), this.#limit);
  }

  record(row: number): CatalogueItem {
    return row >= 0 && row < this.#catalogue.size ? this.#catalogue.item(row) : { id: '', text: {}, categories: [] };
  }

  item(row: number): ItemWords {
    return { text: this.text(row), ...this.#said('item', row) };
  }

  /** `past`: rows, newest first; items without text are left out. */
  user(row: number, past: Iterable<number>): UserWords {
    const texts: string[] = [];
    for (const item of past) {
      if (texts.length === this.#history) break;
      const text = this.text(item);
      if (text !== '') texts.push(text);
    }
    return { past: texts, ...this.#said('user', row) };
  }

  #said(side: Side, row: number): { readonly said?: readonly string[] } {
    const said = this.#notes.of(side, row);
    return said.length === 0 ? {} : { said };
  }
}

/** Nothing in it that a model could go by. */
export const isBlank = (words: UserWords | ItemWords): boolean =>
  (words.said ?? []).length === 0 && ('past' in words ? words.past.length === 0 : words.text === '');

/** The same in plain sentences, for who has no model at hand. */
export function plainly(words: UserWords | ItemWords): string {
  const about = 'past' in words ? (words.past.length === 0 ? [] : [`Chose ${words.past.join('; ')}`]) : [words.text];
  const said = [...about, ...(words.said ?? [])].filter((part) => part !== '').join('. ');
  return said === '' ? 'Nothing is known yet' : said;
}
