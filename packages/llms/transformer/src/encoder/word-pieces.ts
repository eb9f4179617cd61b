import { Tokenizer } from '@huggingface/tokenizers';
import { TandemError, z } from '@tandem-rec/contract';
import { readModelJson } from './model-json.ts';

/**
 * WordPiece token ids of a text, [CLS] and [SEP] included, as `tokenizer.json` defines them. The truncation and padding
 * that the file may ask for are not applied by the library; cutting is done here, padding is never needed.
 */
export class WordPieces {
  readonly #tokenizer: Tokenizer;
  readonly #maxTokens: number;

  constructor(tokenizer: Tokenizer, maxTokens: number) {
    this.#tokenizer = tokenizer;
    this.#maxTokens = maxTokens;
  }

  /** Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `_INVALID`. `maxTokens` counts [CLS] and [SEP]. */
  static async open(folder: string, maxTokens: number): Promise<WordPieces> {
    const object = z.record(z.string(), z.unknown());
    const definition = await readModelJson(folder, 'tokenizer.json', object);
    const config = await readModelJson(folder, 'tokenizer_config.json', object);
    try {
      return new WordPieces(new Tokenizer(definition, config), maxTokens);
    } catch (cause) {
      throw new TandemError(
        'TANDEM_MODEL_WEIGHTS_INVALID',
        `${folder}/tokenizer.json cannot be used: ${(cause as Error).message}.`,
        { cause, details: { folder } },
      );
    }
  }

  /** At most `maxTokens` ids; of a longer text the end is cut off, and the closing [SEP] stays. */
  encode(text: string): Int32Array {
    const { ids } = this.#tokenizer.encode(text);
    return Int32Array.from(
      ids.length <= this.#maxTokens ? ids : [...ids.slice(0, this.#maxTokens - 1), ids[ids.length - 1]],
    );
  }
}
