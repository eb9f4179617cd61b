import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import { TandemError } from '@tandem-rec/contract';
import { bucketByLength, tokenBatch } from '../tokens/token-batch.ts';
import type { TextTokenizer } from '../tokens/text-tokenizer.ts';
import { pooled, readPooling, type Pooling } from './pooling.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';
import type { TextModel } from './text-model.ts';
import type { OnnxRuntime, OnnxSession, OnnxTensor } from './onnx-runtime.ts';

/** Padded tokens of one run. */
const BATCH_TOKENS = 1024;
/** Where an export lies in a model's folder: as on the hub, or beside the configuration. */
const FILES = ['onnx/model.onnx', 'model.onnx'];
/** Names that exporters give to the states of the last layer. */
const STATES = ['last_hidden_state', 'token_embeddings'];

type Feed = 'ids' | 'mask' | 'zeros';

/** The ONNX export of a model's folder, if there is one. */
export const onnxFile = (folder: string): string | undefined =>
  FILES.map((name) => join(folder, name)).find((path) => existsSync(path));

/**
 * Sentence vectors of an encoder that was exported to ONNX, by onnxruntime: states of the last layer, pooled as the folder
 * asks. The last bits of a vector may depend on the lengths of the texts beside it.
 */
export class OnnxEncoder implements SentenceEncoder {
  readonly id: string;
  readonly dim: number;
  readonly #runtime: OnnxRuntime;
  readonly #session: OnnxSession;
  readonly #feeds: ReadonlyMap<string, Feed>;
  readonly #path: string;
  readonly #tokenizer: TextTokenizer;
  readonly #pooling: Pooling;

  private constructor(
    id: string,
    runtime: OnnxRuntime,
    session: OnnxSession,
    path: string,
    { tokenizer, width }: TextModel,
    pooling: Pooling,
  ) {
    this.id = id;
    this.dim = width;
    this.#runtime = runtime;
    this.#session = session;
    this.#path = path;
    this.#feeds = new Map(session.inputNames.map((name) => [name, feedOf(name, path)]));
    this.#tokenizer = tokenizer;
    this.#pooling = pooling;
  }

  /**
   * Opens the export of a model's folder. `threads` are those within an operation; left to itself onnxruntime takes all
   * there are and lets them spin. Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `_INVALID`, naming the file.
   */
  static async open(model: TextModel, runtime: OnnxRuntime, threads: number): Promise<OnnxEncoder> {
    const { folder, tokenizer } = model;
    const path = onnxFile(folder);
    if (path === undefined)
      throw new TandemError(
        'TANDEM_MODEL_WEIGHTS_MISSING',
        `There is no ONNX export in ${folder}: neither ${FILES.join(' nor ')}.`,
        { details: { folder }, remedy: 'Export the model to ONNX, or take another `engine`.' },
      );
    const pooling = await readPooling(folder);
    const id = await contentId(path, folder, [pooling, tokenizer.maxTokens]);
    let session: OnnxSession;
    try {
      session = await runtime.InferenceSession.create(path, {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
      });
    } catch (cause) {
      throw invalid(path, `onnxruntime cannot open it: ${(cause as Error).message}`, cause);
    }
    try {
      return new OnnxEncoder(id, runtime, session, path, model, pooling);
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  async encode(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    const { dim } = this;
    const tokens = texts.map((text) => this.#tokenizer.encode(text));
    const vectors = new Float32Array(texts.length * dim);
    for (const bucket of bucketByLength(
      tokens.map(({ length }) => length),
      BATCH_TOKENS,
    )) {
      await setImmediate();
      signal?.throwIfAborted();
      const { size, length, ids, lengths } = tokenBatch(
        bucket.map((i) => tokens[i]),
        this.#tokenizer.padId,
      );
      const states = await this.#states(ids, lengths, size, length);
      for (const [b, i] of bucket.entries()) {
        const rows = states.subarray(b * length * dim, (b * length + lengths[b]) * dim);
        vectors.set(pooled(rows, dim, this.#pooling), i * dim);
      }
    }
    return vectors;
  }

  close(): Promise<void> {
    return this.#session.release();
  }

  /** `size × length × dim`. */
  async #states(ids: Int32Array, lengths: Int32Array, size: number, length: number): Promise<Float32Array> {
    const valueOf: Readonly<Record<Feed, (at: number) => bigint>> = {
      ids: (at) => BigInt(ids[at]),
      mask: (at) => (at % length < lengths[Math.floor(at / length)] ? 1n : 0n),
      zeros: () => 0n,
    };
    const feeds: Record<string, OnnxTensor> = {};
    for (const [name, feed] of this.#feeds)
      feeds[name] = new this.#runtime.Tensor(
        'int64',
        BigInt64Array.from({ length: size * length }, (_, at) => valueOf[feed](at)),
        [size, length],
      );
    const outputs = await this.#session.run(feeds);
    const name = STATES.find((known) => known in outputs) ?? this.#session.outputNames[0];
    const { data, dims } = outputs[name];
    const expected = [size, length, this.dim];
    if (!(data instanceof Float32Array) || dims.join() !== expected.join())
      throw invalid(
        this.#path,
        `its output ${name} should be float32 of ${expected.join(' × ')}, and is of ${dims.join(' × ')}`,
      );
    return data;
  }
}

/** What an input of the graph is for, by its name: exporters do not agree on it to the letter. */
function feedOf(name: string, path: string): Feed {
  if (/mask/i.test(name)) return 'mask';
  if (/type|segment/i.test(name)) return 'zeros';
  if (/ids$/i.test(name) && !/position/i.test(name)) return 'ids';
  throw invalid(path, `its input ${name} is not known: token ids, an attention mask and token types are`);
}

const invalid = (path: string, what: string, cause?: unknown): TandemError =>
  new TandemError('TANDEM_MODEL_WEIGHTS_INVALID', `${path} cannot be used: ${what}.`, { cause, details: { path } });

/** Names an export by its content, weights outside of the graph's file included. */
async function contentId(path: string, folder: string, settings: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const file of [path, `${path}_data`, join(folder, 'tokenizer.json')])
    if (existsSync(file)) await pipeline(createReadStream(file), hash, { end: false });
  return `onnx-${hash.digest('hex').slice(0, 16)}`;
}
