import type { Catalogue } from '@tandem-rec/contract';
import { clipped, type TextTokenizer } from '@tandem-rec/language';

/** Characters of a text that are looked at for each token that it may have. */
const CHARACTERS = 12;
/** Texts whose tokens are remembered. */
const REMEMBERED = 50_000;

/** Titles and what is said of them as tokens: each is cut into tokens once, and again only when it has changed. */
export class TitleTokens {
  /** Tokens of a title at most. */
  readonly limit: number;
  readonly #tokenizer: TextTokenizer;
  readonly #titles = new Map<number, Int32Array>();
  readonly #texts = new Map<string, Int32Array>();
  #catalogue!: Catalogue;
  #revision = 0;

  constructor(tokenizer: TextTokenizer, limit: number) {
    this.#tokenizer = tokenizer;
    this.limit = limit;
  }

  attach(catalogue: Catalogue): void {
    this.#catalogue = catalogue;
    this.#titles.clear();
    this.#revision = 0;
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /** What an item is called, on one line; empty where it has no words, or is not in the catalogue yet. */
  title(row: number): string {
    if (row < 0 || row >= this.#catalogue.size) return '';
    const { text, categories } = this.#catalogue.item(row);
    const [first = categories.join(', ')] = Object.values(text);
    return clipped(text['title'] ?? first, CHARACTERS * this.limit);
  }

  /** Tokens of an item's title. */
  of(row: number): Int32Array {
    const { revision } = this.#catalogue;
    if (revision !== this.#revision)
      for (const changed of this.#catalogue.changedSince(this.#revision)) this.#titles.delete(changed);
    this.#revision = revision;
    let tokens = this.#titles.get(row);
    if (!tokens) this.#titles.set(row, (tokens = this.#encoded(this.title(row), this.limit)));
    return tokens;
  }

  /** Tokens of a text that others wrote, at most `limit`. */
  said(text: string, limit: number): Int32Array {
    const key = `${limit} ${text}`;
    let tokens = this.#texts.get(key);
    if (tokens) return tokens;
    tokens = this.#encoded(clipped(text, CHARACTERS * limit), limit);
    if (this.#texts.size >= REMEMBERED) this.#texts.clear();
    this.#texts.set(key, tokens);
    return tokens;
  }

  /** Special tokens that are spelled out in a text are words like any others. */
  #encoded(text: string, maxTokens: number): Int32Array {
    return text === ''
      ? new Int32Array(0)
      : this.#tokenizer.encode(text, { special: false, spelledSpecial: false, maxTokens });
  }
}
