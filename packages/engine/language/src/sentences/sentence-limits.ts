import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from '@tandem-rec/contract';
import { readModelJson } from '../weights/model-json.ts';

const FILE = 'sentence_bert_config.json';

/** Tokens at most of a sentence: what sentence-transformers were told, else every position of the model. */
export async function readMaxTokens(folder: string, positions: number): Promise<number> {
  if (!existsSync(join(folder, FILE))) return positions;
  const { max_seq_length: most } = await readModelJson(
    folder,
    FILE,
    z.object({ max_seq_length: z.int().min(3).nullish() }),
  );
  return Math.min(most ?? Infinity, positions);
}
