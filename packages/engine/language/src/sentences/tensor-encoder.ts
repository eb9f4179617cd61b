import { setImmediate } from 'node:timers/promises';
import { tf, type TensorBackend } from '@tandem-rec/compute';
import { bucketByLength, tokenBatch } from '../tokens/token-batch.ts';
import { TransformerModel } from '../transformer/transformer-model.ts';
import { WeightFiles } from '../weights/weight-files.ts';
import { modelId } from './model-id.ts';
import { pooled, readPooling, type Pooling } from './pooling.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';
import { readMaxTokens } from './sentence-limits.ts';

/** Padded tokens of one forward pass: with twice as many, more is padded and less stays in the cache; with half, calls cost more. */
const BATCH_TOKENS = 512;

/**
 * Sentence vectors of an encoder in Hugging Face layout on the tensor backend that is open: on native TensorFlow several
 * times as fast as `MiniLmEncoder`. The last bits of a vector may depend on the backend, which its id names, and on the
 * lengths of the texts beside it.
 */
export class TensorEncoder implements SentenceEncoder {
  readonly id: string;
  readonly #model: TransformerModel;
  readonly #pooling: Pooling;
  readonly #maxTokens: number;

  private constructor(id: string, model: TransformerModel, pooling: Pooling, maxTokens: number) {
    this.id = id;
    this.#model = model;
    this.#pooling = pooling;
    this.#maxTokens = maxTokens;
  }

  /** Throws as {@link TransformerModel.open} does. */
  static async open(folder: string, backend: TensorBackend, signal?: AbortSignal): Promise<TensorEncoder> {
    const pooling = await readPooling(folder);
    const model = await TransformerModel.open(folder, signal);
    const maxTokens = await readMaxTokens(folder, model.architecture.positions);
    const files = await WeightFiles.open(folder);
    await files.close();
    const id = await modelId('tensors', folder, [backend.identity, pooling, maxTokens], files.paths);
    return new TensorEncoder(id, model, pooling, maxTokens);
  }

  get dim(): number {
    return this.#model.width;
  }

  async encode(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    const model = this.#model;
    const { tokenizer, width } = model;
    const tokens = texts.map((text) => tokenizer.encode(text, { maxTokens: this.#maxTokens }));
    const vectors = new Float32Array(texts.length * width);
    for (const bucket of bucketByLength(
      tokens.map(({ length }) => length),
      BATCH_TOKENS,
    )) {
      await setImmediate();
      signal?.throwIfAborted();
      const { size, length, ids, lengths } = tokenBatch(
        bucket.map((i) => tokens[i]),
        tokenizer.padId,
      );
      let states: Float32Array = new Float32Array(0);
      tf.tidy(() => {
        states = model.states({ ids, size, length }, { lengths }).dataSync<'float32'>();
      });
      for (const [b, i] of bucket.entries()) {
        const rows = states.subarray(b * length * width, (b * length + lengths[b]) * width);
        vectors.set(pooled(rows, width, this.#pooling), i * width);
      }
    }
    return vectors;
  }

  close(): void {
    this.#model.dispose();
  }
}
