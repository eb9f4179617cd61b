import { Tokenizer } from '@huggingface/tokenizers';
import { TandemError, z } from '@tandem-rec/contract';
import { readModelJson } from '../weights/model-json.ts';

/** How a text is cut into tokens. */
export interface EncodeOptions {
  /** Ids at most, special tokens included; of a longer text the end is cut off. Default: the tokenizer's own limit. */
  readonly maxTokens?: number;
  /** Whether the model's special tokens ([CLS] and [SEP], `<s>`) are put around the text. Default true. */
  readonly special?: boolean;
  /**
   * Whether special tokens that are spelled out in the text, such as `</s>`, become those tokens. Default true, as in the
   * field's libraries; false for text that others wrote: there they are letters like any others.
   */
  readonly spelledSpecial?: boolean;
}

const definitionSchema = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id: z.int(), content: z.string(), special: z.boolean().default(false) }))
    .optional(),
});
const tokenSchema = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const configSchema = z.looseObject({
  bos_token: tokenSchema,
  eos_token: tokenSchema,
  pad_token: tokenSchema,
  model_max_length: z.number().positive().optional(),
});

/**
 * Texts to token ids and back, as `tokenizer.json` defines it. The truncation and padding that the file may ask for are
 * not applied by the library: cutting is done here, padding by {@link tokenBatch}. Half of a surrogate pair counts as U+FFFD.
 */
export class TextTokenizer {
  /** Ids at most of a text, unless a call says less. */
  readonly maxTokens: number;
  /** One more than the largest id. */
  readonly size: number;
  /** Begins a text, ends it and fills it up; undefined where the model has no such token. */
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  /** The special tokens that stand around a text. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly #tokenizer: Tokenizer;
  /** The same without special tokens in texts. */
  readonly #literal: Tokenizer;

  private constructor(
    definition: z.output<typeof definitionSchema>,
    config: z.output<typeof configSchema>,
    maxTokens: number,
  ) {
    const { added_tokens: added = [] } = definition;
    this.#tokenizer = new Tokenizer(definition, config);
    this.#literal = new Tokenizer({ ...definition, added_tokens: added.filter(({ special }) => !special) }, config);
    this.maxTokens = Math.min(maxTokens, config.model_max_length ?? Infinity);
    let largest = -1;
    for (const id of this.#tokenizer.get_vocab().values()) largest = Math.max(largest, id);
    this.size = largest + 1;
    const idOf = (token: z.output<typeof tokenSchema>): number | undefined =>
      token ? this.#tokenizer.token_to_id(typeof token === 'string' ? token : token.content) : undefined;
    this.bosId = idOf(config.bos_token);
    this.eosId = idOf(config.eos_token);
    this.padId = idOf(config.pad_token);
    const plain = this.#tokenizer.encode('a', { add_special_tokens: false }).ids as readonly number[];
    const whole = this.#tokenizer.encode('a').ids as readonly number[];
    const at = whole.findIndex((_, from) => plain.every((id, i) => whole[from + i] === id));
    this.before = whole.slice(0, at);
    this.after = whole.slice(at + plain.length);
  }

  /**
   * Reads `tokenizer.json` and `tokenizer_config.json`. Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `_INVALID`.
   * @param maxTokens the model's limit, special tokens included
   */
  static async open(folder: string, maxTokens = Infinity): Promise<TextTokenizer> {
    const definition = await readModelJson(folder, 'tokenizer.json', definitionSchema);
    const config = await readModelJson(folder, 'tokenizer_config.json', configSchema);
    try {
      return new TextTokenizer(definition, config, maxTokens);
    } catch (cause) {
      throw new TandemError(
        'TANDEM_MODEL_WEIGHTS_INVALID',
        `${folder}/tokenizer.json cannot be used: ${(cause as Error).message}.`,
        { cause, details: { folder } },
      );
    }
  }

  /** At most `maxTokens` ids. The special tokens around a text stay when its end is cut off. */
  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const { special = true, spelledSpecial = true } = options;
    const tokenizer = spelledSpecial ? this.#tokenizer : this.#literal;
    const { ids } = tokenizer.encode(text.toWellFormed(), { add_special_tokens: false });
    const [before, after] = special ? [this.before, this.after] : [[], []];
    const room = Math.max(0, Math.min(options.maxTokens ?? Infinity, this.maxTokens) - before.length - after.length);
    return Int32Array.from([...before, ...(ids.length > room ? ids.slice(0, room) : ids), ...after]);
  }

  /** The text of these tokens. Special ones are left out unless `special` is set. */
  decode(ids: ArrayLike<number>, { special = false }: { readonly special?: boolean } = {}): string {
    // The library takes no empty list.
    if (ids.length === 0) return '';
    return this.#tokenizer.decode(Array.from(ids), { skip_special_tokens: !special });
  }

  /** The id of a token as the vocabulary writes it, such as `[MASK]`. */
  id(token: string): number | undefined {
    return this.#tokenizer.token_to_id(token);
  }
}
