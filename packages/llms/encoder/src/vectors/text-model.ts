import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TandemError, z } from '@tandem-rec/contract';
import { readModelJson, TextTokenizer } from '@tandem-rec/language';

const LIMITS = 'sentence_bert_config.json';
const configSchema = z.looseObject({
  hidden_size: z.int().positive(),
  vocab_size: z.int().positive(),
  max_position_embeddings: z.int().positive().optional(),
});
const limitsSchema = z.looseObject({ max_seq_length: z.int().min(3).nullish() });

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
  const limits = existsSync(join(folder, LIMITS)) ? await readModelJson(folder, LIMITS, limitsSchema) : {};
  const tokenizer = await TextTokenizer.open(
    folder,
    Math.min(limits.max_seq_length ?? Infinity, config.max_position_embeddings ?? Infinity),
  );
  if (tokenizer.size > config.vocab_size)
    throw new TandemError(
      'TANDEM_MODEL_WEIGHTS_INVALID',
      `${join(folder, 'tokenizer.json')} is another model’s: it has ${tokenizer.size} tokens, the model ${config.vocab_size}.`,
      { details: { path: join(folder, 'tokenizer.json') } },
    );
  return { folder, width: config.hidden_size, tokenizer };
}
