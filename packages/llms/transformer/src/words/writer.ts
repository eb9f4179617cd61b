import type { Rng, Rows, Side, Subject } from '@tandem-rec/contract';
import { choose, generate, TokenTrie, type Notes } from '@tandem-rec/language';
import type { Body } from '../body/body.ts';
import type { BodyOptions } from '../body/body-options.ts';
import type { TitleTokens } from './title-tokens.ts';

/** What a text begins with: words of ours, and between them quoted what others wrote. */
interface Beginning {
  /** In front of what a user met. */
  readonly head: string;
  /** Quoted titles, the most important ones first; as many as fit. */
  readonly quoted: readonly string[];
  /** Behind them. */
  readonly tail: string;
}

/** Item titles that a text may be held to. */
interface Titles {
  readonly revision: number;
  readonly trie: TokenTrie;
  /** Row of each of the trie's sequences. */
  readonly rows: readonly number[];
  readonly sequenceOf: ReadonlyMap<number, number>;
}

/**
 * Words by a decoder about users and items. Titles and notes stand in quotes, as JSON strings: special tokens that are spelled
 * out in them are letters, and no text can end its quotation. What is drawn follows from the seed and the subject.
 */
export class Writer {
  readonly #body: Body;
  readonly #titles: TitleTokens;
  readonly #notes: Notes;
  readonly #options: NonNullable<BodyOptions['text']>;
  readonly #tokens: number;
  readonly #rng: Rng;
  readonly #signal: AbortSignal;
  #catalogue: Titles | undefined;

  /** @param tokens of a prompt at most; texts come on top */
  constructor(
    body: Body,
    titles: TitleTokens,
    notes: Notes,
    options: NonNullable<BodyOptions['text']>,
    tokens: number,
    { rng, signal }: { readonly rng: Rng; readonly signal: AbortSignal },
  ) {
    this.#body = body;
    this.#titles = titles;
    this.#notes = notes;
    this.#options = options;
    const { positions } = body.model.architecture;
    this.#tokens = Math.max(1, Math.min(tokens, positions - Math.max(options.maxTokens, titles.limit)));
    this.#rng = rng;
    this.#signal = signal;
  }

  /** A sentence or two about an item, or about a user with this past (newest first). */
  async describe({ side, row }: Pick<Subject, 'side' | 'row'>, past: Rows): Promise<string> {
    const rng = this.#rng.fork(`${side} ${row}`);
    if (side === 'item') {
      const title = this.#titles.title(row);
      if (title === '') return 'Nothing is known yet.';
      const begun = `${quote(title)} is`;
      return this.#write({ head: this.#said('item', row), quoted: [], tail: begun }, begun, rng);
    }
    const about = this.#about(row, past);
    const item = this.#options.recommend ? await this.#choose(about, past, rng) : undefined;
    const begun =
      item === undefined ? 'This person likes' : `They will also like ${quote(this.#titles.title(item))} because`;
    return this.#write({ ...about, tail: begun }, begun, rng);
  }

  /**
   * An item of the catalogue that is not in the past, by letting the model write a title: at each token it may go only where one
   * goes on (De Cao et al., "Autoregressive entity retrieval", 2021). Undefined where none is left.
   */
  async recommend(user: number, past: Rows): Promise<number | undefined> {
    return this.#choose(this.#about(user, past), past, this.#rng.fork(`user ${user}`));
  }

  async #choose(about: Omit<Beginning, 'tail'>, past: Rows, rng: Rng): Promise<number | undefined> {
    const { trie, rows, sequenceOf } = this.#trie();
    const without = new Set(Array.from(past, (row) => sequenceOf.get(row)).filter((found) => found !== undefined));
    if (without.size >= trie.size) return undefined;
    const ids = this.#ids({ ...about, tail: 'They will also like "' });
    const { temperature, topP } = this.#options;
    const { model } = this.#body;
    const endId = model.tokenizer.encode('"', { special: false }).at(-1);
    const { index } = await choose(model, { ids }, trie, {
      ...{ temperature, topP, rng, without, endId, signal: this.#signal },
      withWeights: (compute) => this.#body.speak(compute),
    });
    return rows[index];
  }

  async #write(beginning: Beginning, begun: string, rng: Rng): Promise<string> {
    const { maxTokens, temperature, topP, stop } = this.#options;
    const { text } = await generate(
      this.#body.model,
      { ids: this.#ids(beginning) },
      {
        ...{ maxTokens, temperature, topP, stop, rng, signal: this.#signal },
        withWeights: (compute) => this.#body.speak(compute),
      },
    );
    return `${begun} ${text.trim()}`.toWellFormed().trim();
  }

  #about(user: number, past: Rows): Omit<Beginning, 'tail'> {
    const quoted = Array.from(past, (row) => this.#titles.title(row))
      .filter((title) => title !== '')
      .map(quote);
    const head = [this.#said('user', user), quoted.length > 0 ? 'A person liked' : 'Somebody is new here.'];
    return { head: head.filter((part) => part !== '').join(' '), quoted };
  }

  #said(side: Side, row: number): string {
    const said = row < 0 ? [] : this.#notes.of(side, row);
    return said.length === 0 ? '' : `It is said: ${said.map(quote).join(', ')}.`;
  }

  /** Piece by piece, so that what does not fit is left out and not cut off in the middle. */
  #ids({ head, quoted, tail }: Beginning): number[] {
    const { tokenizer } = this.#body.model;
    const encoded = (text: string): number[] => [
      ...tokenizer.encode(text, { special: false, spelledSpecial: false, maxTokens: this.#tokens }),
    ];
    const end = encoded(tail);
    const begin = [...tokenizer.before, ...encoded(head)];
    const middle: number[] = [];
    for (const [i, text] of quoted.entries()) {
      const next = encoded(i + 1 < quoted.length ? `${text},` : `${text}.`);
      if (begin.length + middle.length + next.length + end.length > this.#tokens) break;
      middle.push(...next);
    }
    const ids = [...begin, ...middle, ...end];
    // Where even that is too long, the end counts most; a text needs something to begin with.
    return ids.slice(-this.#tokens);
  }

  /** Titles of the catalogue with the quotation mark that ends them. */
  #trie(): Titles {
    const { catalogue } = this.#titles;
    if (this.#catalogue?.revision === catalogue.revision) return this.#catalogue;
    const { tokenizer } = this.#body.model;
    const rows: number[] = [];
    const sequences: Int32Array[] = [];
    for (let row = 0; row < catalogue.size; row++) {
      const title = this.#titles.title(row);
      if (title === '') continue;
      rows.push(row);
      const { limit: maxTokens } = this.#titles;
      sequences.push(tokenizer.encode(quote(title).slice(1), { special: false, spelledSpecial: false, maxTokens }));
    }
    const sequenceOf = new Map(rows.map((row, i) => [row, i]));
    return (this.#catalogue = { revision: catalogue.revision, trie: new TokenTrie(sequences), rows, sequenceOf });
  }
}

const quote = (text: string): string => JSON.stringify(text);
