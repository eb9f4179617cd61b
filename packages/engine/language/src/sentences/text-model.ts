import { join } from 'node:path';
import { TandemError, z } from '@tandem-rec/contract';
import { TextTokenizer } from '../tokens/text-tokenizer.ts';
import { readModelJson } from '../weights/model-json.ts';
import { readMaxTokens } from './sentence-limits.ts';

const configSchema = z.looseObject({
  hidden_size: z.int().positive(),
  vocab_size: z.int().positive(),
  max_position_embeddings: z.int().positive().optional(),
});

/** What is known of a sentence encoder before its weights are read. */
export interface TextModel {
  readonly folder: string;
  readonly width: number;
  /** It cuts texts at what the model was made for. */
  readonly tokenizer: TextTokenizer;
}

/**
 * Reads a folder's configuration and tokenizer. Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `_INVALID`, the latter also for the
 * tokenizer of another model.
 */
export async function readTextModel(folder: string): Promise<TextModel> {
  const config = await readModelJson(folder, 'config.json', configSchema);
  const maxTokens = await readMaxTokens(folder, config.max_position_embeddings ?? Infinity);
  const tokenizer = await TextTokenizer.open(folder, maxTokens);
  if (tokenizer.size > config.vocab_size)
    throw new TandemError(
      'TANDEM_MODEL_WEIGHTS_INVALID',
      `${join(folder, 'tokenizer.json')} is another model’s: it has ${tokenizer.size} tokens, the model ${config.vocab_size}.`,
      { details: { path: join(folder, 'tokenizer.json') } },
    );
  return { folder, width: config.hidden_size, tokenizer };
}
