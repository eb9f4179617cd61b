import { setImmediate } from 'node:timers/promises';
import { TextTokenizer } from '../tokens/text-tokenizer.ts';
import { WeightFiles } from '../weights/weight-files.ts';
import { readBertConfig, type BertConfig } from './bert-config.ts';
import { bertForward } from './bert-forward.ts';
import { readBertWeights, type BertWeights } from './bert-weights.ts';
import { modelId } from './model-id.ts';
import { pooled, readPooling, type Pooling } from './pooling.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';
import { readMaxTokens } from './sentence-limits.ts';

/** Tokens of one forward pass: enough to keep the products at full speed, few enough to stay in the cache. */
const BATCH_TOKENS = 512;

/**
 * Sentence vectors of a BERT encoder in Hugging Face layout, such as all-MiniLM-L6-v2: the mean of the last hidden states
 * over all tokens (or, where the folder says so, the first one), scaled to length 1 (Reimers and Gurevych, "Sentence-BERT", 2019; Wang et al., "MiniLM", 2020).
 *
 * It runs forward only, on `sgemm` and plain loops in float32: no tensor backend, the same bits in any company. Texts of
 * similar length share a pass, so nothing is ever padded.
 */
export class MiniLmEncoder implements SentenceEncoder {
  readonly id: string;
  readonly #config: BertConfig;
  readonly #weights: BertWeights;
  readonly #tokenizer: TextTokenizer;
  readonly #pooling: Pooling;

  private constructor(
    id: string,
    config: BertConfig,
    weights: BertWeights,
    tokenizer: TextTokenizer,
    pooling: Pooling,
  ) {
    this.id = id;
    this.#config = config;
    this.#weights = weights;
    this.#tokenizer = tokenizer;
    this.#pooling = pooling;
  }

  /**
   * Reads `config.json`, the weights (float32, float16 or bfloat16) and the tokenizer from `folder`.
   * Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `TANDEM_MODEL_WEIGHTS_INVALID`, naming file and tensor.
   */
  static async open(folder: string): Promise<MiniLmEncoder> {
    const config = await readBertConfig(folder);
    const pooling = await readPooling(folder);
    const maxTokens = await readMaxTokens(folder, config.max_position_embeddings);
    const tokenizer = await TextTokenizer.open(folder, maxTokens);
    const files = await WeightFiles.open(folder);
    try {
      const weights = await readBertWeights(files, config);
      const id = await modelId('bert', folder, [config, pooling, maxTokens], files.paths);
      return new MiniLmEncoder(id, config, weights, tokenizer, pooling);
    } finally {
      await files.close();
    }
  }

  get dim(): number {
    return this.#config.hidden_size;
  }

  /** Token ids of a text as the encoder sees it, [CLS] and [SEP] included, cut at the model's maximum. */
  tokenIds(text: string): Int32Array {
    return this.#tokenizer.encode(text);
  }

  async encode(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    const { dim } = this;
    const vectors = new Float32Array(texts.length * dim);
    const ids = texts.map((text) => this.#tokenizer.encode(text));
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
      pooled(states.subarray(offsets[t] * this.dim, offsets[t + 1] * this.dim), this.dim, this.#pooling),
    );
  }
}
