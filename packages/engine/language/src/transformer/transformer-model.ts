import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requireMemory, tf, type DenseParameters } from '@tandem-rec/compute';
import { TandemError, z } from '@tandem-rec/contract';
import type { Architecture } from '../architectures/architecture.ts';
import { readArchitecture } from '../architectures/read-architecture.ts';
import { TextTokenizer } from '../tokens/text-tokenizer.ts';
import { readModelJson } from '../weights/model-json.ts';
import { WeightFiles } from '../weights/weight-files.ts';
import type { KeyValueCache } from './key-value-cache.ts';
import { attentionMask, packedMask } from './pass.ts';
import type { Weights } from './weights.ts';

/** What enters a forward pass: token ids, `size × length`, or embeddings in their place, `size · length × width`. */
export type ForwardInput =
  | { readonly ids: Int32Array; readonly size: number; readonly length: number }
  | { readonly embeddings: tf.Tensor2D; readonly size: number; readonly length: number };

export interface ForwardOptions {
  /** Real positions of each text, which is filled up on the right; default: all. */
  readonly lengths?: Int32Array;
  /**
   * Several texts stand in each line: the first place of each place's text, `size · length`, counted over all lines. None sees
   * another, and positions are counted in each. An empty place is a text of its own. Not together with `lengths` or a cache.
   */
  readonly starts?: Int32Array;
  /** Whether a position sees only those before it; default: as the architecture was trained. */
  readonly causal?: boolean;
  /** Layers that are run, from the first; default: all. */
  readonly layers?: number;
  /** Default: the model's own. With `lora.on` or `withTrained` those that are being trained. */
  readonly weights?: Weights;
  /** Keys and values of the positions before these; those of the pass are added. Decoders only. */
  readonly cache?: KeyValueCache;
}

/** Bytes of a weight as the model holds it. */
const WEIGHT_BYTES = 4;

/**
 * A pretrained transformer in Hugging Face layout, on the tensor backend that is open. Everything it computes is a function
 * of tensors and differentiable, down to the embeddings that enter: soft tokens are rows put in place of a token's.
 * Call it within `tf.tidy` or a loss of `DenseParameters`. Its weights are constants, unless `weights` says otherwise.
 */
export class TransformerModel {
  readonly architecture: Architecture;
  readonly tokenizer: TextTokenizer;
  readonly weights: Weights;
  /** Tokens that end a text, as `generation_config.json` or the tokenizer says. */
  readonly stops: readonly number[];
  readonly #tensors: Map<string, tf.Tensor>;

  private constructor(
    architecture: Architecture,
    tokenizer: TextTokenizer,
    stops: readonly number[],
    tensors: Map<string, tf.Tensor>,
  ) {
    this.stops = stops;
    this.architecture = architecture;
    this.tokenizer = tokenizer;
    this.#tensors = tensors;
    this.weights = {
      tensor: (name) => {
        const tensor = this.#tensors.get(name);
        if (!tensor)
          throw new RangeError(`The model has no tensor ${name}, or it is disposed of or trained elsewhere.`);
        return tensor;
      },
      trains: () => false,
    };
  }

  /**
   * Reads configuration, tokenizer and weights of a folder: all or nothing. A tensor backend must be open.
   * Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `TANDEM_MODEL_WEIGHTS_INVALID`, naming file and tensor;
   * `TANDEM_MEMORY_TOO_SMALL`; the signal's reason.
   */
  static async open(folder: string, signal?: AbortSignal): Promise<TransformerModel> {
    const architecture = await readArchitecture(folder);
    const tokenizer = await TextTokenizer.open(folder, architecture.positions);
    checkTokenizer(folder, tokenizer, architecture);
    const stops = await readStops(folder, tokenizer);
    const numbers = architecture.tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    requireMemory(`The model in ${folder}`, numbers * WEIGHT_BYTES);
    const tensors = new Map<string, tf.Tensor>();
    const files = await WeightFiles.open(folder);
    try {
      for (const { name, shape } of architecture.tensors) {
        signal?.throwIfAborted();
        const values = await files.read(nameInFile(files, name, architecture.prefix), shape);
        tensors.set(name, tf.keep(tf.tensor(values, [...shape])));
      }
    } catch (error) {
      tf.dispose([...tensors.values()]);
      throw error;
    } finally {
      await files.close();
    }
    return new TransformerModel(architecture, tokenizer, stops, tensors);
  }

  /** Width of states and embeddings. */
  get width(): number {
    return this.architecture.width;
  }

  /** Bytes that the model's own weights take. */
  get bytes(): number {
    return [...this.#tensors.values()].reduce((sum, { size }) => sum + size * WEIGHT_BYTES, 0);
  }

  /** Embeddings of tokens, `ids.length × width`: what a soft token stands beside. Throws RangeError for an id that is none. */
  embed(ids: Int32Array, weights = this.weights): tf.Tensor2D {
    for (const id of ids)
      if (id < 0 || id >= this.architecture.vocabulary)
        throw new RangeError(`There is no token ${id}: the model has ${this.architecture.vocabulary}.`);
    return tf.gather(weights.tensor(this.architecture.embeddings), tf.tensor1d(ids, 'int32')) as tf.Tensor2D;
  }

  /**
   * Last hidden states, `size · length × width`, text below text; those of padding mean nothing.
   * Throws RangeError where a text is longer than the model's positions.
   */
  states(input: ForwardInput, options: ForwardOptions = {}): tf.Tensor2D {
    const { architecture } = this;
    const { size, length } = input;
    const {
      lengths,
      starts,
      causal = architecture.causal,
      layers = architecture.layers,
      weights = this.weights,
      cache,
    } = options;
    const past = cache?.length ?? 0;
    if (past + length > architecture.positions)
      throw new RangeError(`${past + length} positions; the model has ${architecture.positions}.`);
    const embeddings = 'ids' in input ? this.embed(input.ids, weights) : input.embeddings;
    const mask = starts ? packedMask(size, length, starts, causal) : attentionMask(size, length, past, lengths, causal);
    const ages = starts?.map((start, place) => place - start);
    return architecture.states(weights, embeddings, { size, length, past, mask, ages, cache, layers });
  }

  /** Scores of every token as the next one, `rows × vocabulary`. Throws RangeError for an encoder. */
  logits(states: tf.Tensor2D, weights = this.weights): tf.Tensor2D {
    if (!this.architecture.logits) throw new RangeError('An encoder has no next token: it gives states.');
    return this.architecture.logits(weights, states);
  }

  /**
   * Hands weights over to an optimiser, for full fine-tuning: those that `wanted` accepts become parameters `prefix` + name
   * and are disposed of here. Compute with `withTrained(model.weights, parameters)` from then on.
   */
  train(dense: DenseParameters, wanted: (name: string) => boolean = () => true, prefix = 'base/'): void {
    for (const [name, tensor] of this.#tensors)
      if (wanted(name)) {
        dense.declare(`${prefix}${name}`, tensor.shape, (into) => into.set(tensor.dataSync<'float32'>()));
        tensor.dispose();
        this.#tensors.delete(name);
      }
  }

  dispose(): void {
    tf.dispose([...this.#tensors.values()]);
    this.#tensors.clear();
  }
}

const generationSchema = z.object({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });

async function readStops(folder: string, { eosId }: TextTokenizer): Promise<readonly number[]> {
  const name = 'generation_config.json';
  const told = existsSync(join(folder, name)) && (await readModelJson(folder, name, generationSchema)).eos_token_id;
  return [told || (eosId ?? [])].flat();
}

/** How the files write a name: with the prefix of the whole model or without it. */
function nameInFile(files: WeightFiles, name: string, prefix: string): string {
  if (files.has(name)) return name;
  const other = name.startsWith(prefix) ? name.slice(prefix.length) : prefix + name;
  return files.has(other) ? other : name;
}

/** A tokenizer of another model gives ids that mean something else here: what can be seen of it is refused. */
function checkTokenizer(folder: string, tokenizer: TextTokenizer, { vocabulary, bosId }: Architecture): void {
  const wrong = (what: string): TandemError =>
    new TandemError(
      'TANDEM_MODEL_WEIGHTS_INVALID',
      `${folder}/tokenizer.json belongs to another model than config.json: ${what}.`,
      { details: { folder } },
    );
  // Embeddings are often rounded up to more rows than there are tokens, but never to twice as many.
  if (tokenizer.size > vocabulary || 2 * tokenizer.size < vocabulary)
    throw wrong(`it has ${tokenizer.size} tokens, the model ${vocabulary}`);
  if (bosId !== undefined && tokenizer.bosId !== undefined && bosId !== tokenizer.bosId)
    throw wrong(`a text begins with token ${tokenizer.bosId}, for the model with ${bosId}`);
}
