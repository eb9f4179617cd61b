import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { TandemError, z } from '@tandem-rec/contract';
import { readBertConfig, type BertConfig } from './bert-config.ts';
import { bertForward } from './bert-forward.ts';
import { readBertWeights, type BertWeights } from './bert-weights.ts';
import { readModelJson } from '../weights/model-json.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';
import { TextTokenizer } from '../tokens/text-tokenizer.ts';

/** Tokens of one forward pass: enough to keep the products at full speed, few enough to stay in the cache. */
const BATCH_TOKENS = 512;

/**
 * Sentence vectors of a BERT encoder in Hugging Face layout, such as all-MiniLM-L6-v2: the mean of the last hidden states
 * over all tokens, scaled to length 1 (Reimers and Gurevych, "Sentence-BERT", 2019; Wang et al., "MiniLM", 2020).
 *
 * It runs forward only, on `sgemm` and plain loops in float32: no tensor backend, the same bits in any company. Texts of
 * similar length share a pass, so nothing is ever padded.
 */
export class MiniLmEncoder implements SentenceEncoder {
  readonly id: string;
  readonly #config: BertConfig;
  readonly #weights: BertWeights;
  readonly #pieces: TextTokenizer;

  private constructor(id: string, config: BertConfig, weights: BertWeights, pieces: TextTokenizer) {
    this.id = id;
    this.#config = config;
    this.#weights = weights;
    this.#pieces = pieces;
  }

  /**
   * Reads `config.json`, `model.safetensors` (float32, float16 or bfloat16) and the tokenizer from `folder`.
   * Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `TANDEM_MODEL_WEIGHTS_INVALID`, naming file and tensor.
   */
  static async open(folder: string): Promise<MiniLmEncoder> {
    const config = await readBertConfig(folder);
    const limits = await readModelJson(
      folder,
      'sentence_bert_config.json',
      z.object({ max_seq_length: z.int().min(3).optional() }),
    ).catch((error: unknown) => {
      if (TandemError.is(error) && error.code === 'TANDEM_MODEL_WEIGHTS_MISSING') return { max_seq_length: undefined };
      throw error;
    });
    const maxTokens = Math.min(limits.max_seq_length ?? Infinity, config.max_position_embeddings);
    const pieces = await TextTokenizer.open(folder, maxTokens);
    const path = join(folder, 'model.safetensors');
    const weights = await readBertWeights(path, config);
    const hash = createHash('sha256').update(JSON.stringify([config, maxTokens]));
    await pipeline(createReadStream(join(folder, 'tokenizer.json')), hash, { end: false });
    await pipeline(createReadStream(path), hash);
    return new MiniLmEncoder(`bert-${hash.digest('hex').slice(0, 16)}`, config, weights, pieces);
  }

  get dim(): number {
    return this.#config.hidden_size;
  }

  /** Token ids of a text as the encoder sees it, [CLS] and [SEP] included, cut at the model's maximum. */
  tokenIds(text: string): Int32Array {
    return this.#pieces.encode(text);
  }

  async encode(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    const { dim } = this;
    const vectors = new Float32Array(texts.length * dim);
    const ids = texts.map((text) => this.#pieces.encode(text));
    const byLength = ids.map((_, i) => i).sort((a, b) => ids[a].length - ids[b].length || a - b);
    for (let next = 0; next < byLength.length;) {
      const from = next;
      for (
        let tokens = 0;
        next < byLength.length && (next === from || tokens + ids[byLength[next]].length <= BATCH_TOKENS);
        next++
      )
        tokens += ids[byLength[next]].length;
      const batch = byLength.slice(from, next);
      this.#encode(batch.map((i) => ids[i])).forEach((vector, i) => vectors.set(vector, batch[i] * dim));
      await setImmediate();
      signal?.throwIfAborted();
    }
    return vectors;
  }

  #encode(texts: readonly Int32Array[]): readonly Float32Array[] {
    const offsets = new Int32Array(texts.length + 1);
    for (const [t, text] of texts.entries()) offsets[t + 1] = offsets[t] + text.length;
    const ids = new Int32Array(offsets[texts.length]);
    for (const [t, text] of texts.entries()) ids.set(text, offsets[t]);
    const states = bertForward(this.#weights, this.#config, ids, offsets);
    return texts.map((_, t) =>
      meanDirection(states.subarray(offsets[t] * this.dim, offsets[t + 1] * this.dim), this.dim),
    );
  }
}

/** Mean of the rows, scaled to length 1. */
function meanDirection(states: Float32Array, width: number): Float32Array {
  const mean = new Float64Array(width);
  for (let at = 0; at < states.length; at += width) for (let d = 0; d < width; d++) mean[d] += states[at + d];
  let square = 0;
  for (let d = 0; d < width; d++) square += mean[d] ** 2;
  const factor = 1 / Math.max(Math.sqrt(square), 1e-12);
  return Float32Array.from(mean, (value) => value * factor);
}
