import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TandemError, z } from '@tandem-rec/contract';
import { readModelJson } from '../weights/model-json.ts';

/** Which states make a sentence's vector: the mean of all, or that of the first token. */
export type Pooling = 'mean' | 'first';

const FILE = '1_Pooling/config.json';
const schema = z.object({
  pooling_mode_mean_tokens: z.boolean().default(false),
  pooling_mode_cls_token: z.boolean().default(false),
});

/**
 * The pooling that a sentence-transformers folder asks for; without a word about it the mean (Reimers and Gurevych,
 * "Sentence-BERT", 2019). Throws `TANDEM_MODEL_WEIGHTS_INVALID` for others.
 */
export async function readPooling(folder: string): Promise<Pooling> {
  if (!existsSync(join(folder, FILE))) return 'mean';
  const { pooling_mode_mean_tokens: mean, pooling_mode_cls_token: first } = await readModelJson(folder, FILE, schema);
  if (mean !== first) return mean ? 'mean' : 'first';
  throw new TandemError(
    'TANDEM_MODEL_WEIGHTS_INVALID',
    `${join(folder, FILE)} asks for a pooling that is not known here: the mean of the tokens or the first of them.`,
    { details: { path: join(folder, FILE) } },
  );
}

/** A sentence's vector of its tokens' states, `tokens × width`, scaled to length 1. */
export function pooled(states: Float32Array, width: number, pooling: Pooling): Float32Array {
  const sum = new Float64Array(width);
  const rows = pooling === 'first' ? states.subarray(0, width) : states;
  for (let at = 0; at < rows.length; at += width) for (let d = 0; d < width; d++) sum[d] += rows[at + d];
  let square = 0;
  for (let d = 0; d < width; d++) square += sum[d] ** 2;
  const factor = 1 / Math.max(Math.sqrt(square), 1e-12);
  return Float32Array.from(sum, (value) => value * factor);
}
