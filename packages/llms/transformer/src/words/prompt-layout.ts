import { Notes, type TransformerModel } from '@tandem-rec/language';
import type { Layout } from '../body/layout.ts';
import type { TitleTokens } from './title-tokens.ts';

const TOKENS = 256;

/** How long a prompt of a model is, unless the options say. */
export const promptTokens = ({ architecture }: TransformerModel, wanted = TOKENS): number =>
  Math.min(wanted, architecture.positions);

/**
 * Past items as words: each is its title, what was said of it, and its soft token; in front stands what was said of the user.
 * The newest items that fit are read. A decoder's states are those at the soft tokens, an encoder's the mean of all.
 */
export class PromptLayout implements Layout {
  readonly causal: boolean;
  readonly tokens: number;
  readonly after: readonly number[];
  readonly #model: TransformerModel;
  readonly #titles: TitleTokens;
  readonly #notes: Notes;

  constructor(model: TransformerModel, titles: TitleTokens, notes: Notes, tokens: number) {
    this.causal = model.architecture.causal;
    this.tokens = tokens;
    this.after = this.causal ? [] : model.tokenizer.after;
    this.#model = model;
    this.#titles = titles;
    this.#notes = notes;
  }

  before(user: number): ArrayLike<number> {
    const { before } = this.#model.tokenizer;
    const said = user < 0 ? [] : this.#notes.of('user', user);
    return said.length === 0 ? before : [...before, ...this.#said(said, this.tokens >> 2)];
  }

  words(row: number): ArrayLike<number> {
    // An item takes half of a prompt at most, its soft token included.
    const most = (this.tokens >> 1) - 1;
    const title = this.#titles.of(row);
    const said = this.#notes.of('item', row);
    if (said.length === 0) return title.length <= most ? title : title.subarray(0, most);
    return [...title, ...this.#said(said, this.tokens >> 2)].slice(0, most);
  }

  #said(texts: readonly string[], limit: number): Int32Array {
    return this.#titles.said(texts.join('; '), limit);
  }
}
