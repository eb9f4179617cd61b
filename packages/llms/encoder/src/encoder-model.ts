import { sgemm } from '@tandem-rec/compute';
import {
  TandemError,
  type Attachment,
  type Candidates,
  type Environment,
  type LanguageModel,
  type Matrix,
  type Rows,
  type Scores,
  type Side,
  type State,
  type Statistics,
  type UserContexts,
} from '@tandem-rec/contract';
import { CachedEncoder, type TextModel } from '@tandem-rec/language';
import type { EncoderOptions } from './encoder-options.ts';
import type { OpenedEncoder } from './engines/open-sentence-encoder.ts';
import { ItemVectors } from './vectors/item-vectors.ts';
import { TextVectors } from './vectors/text-vectors.ts';

const STATE_VERSION = 1;

/**
 * Items are the vectors v of their texts, of length 1. With k counting back through a user's history h, newest first,
 *
 *     u = Σ_k 2^(−k / halfLife) · v_hk        score_i = cos(u, v_i) / temperature + popularity · log(1 + n_i)
 *
 * over the newest `window` items; n counts an item's interactions. Nothing is learned.
 */
export class EncoderModel implements LanguageModel {
  readonly #options: EncoderOptions;
  readonly #env: Environment;
  readonly #opened: OpenedEncoder;
  readonly #cache: CachedEncoder;
  readonly #texts: TextVectors;
  /** 2^(−k / halfLife) */
  readonly #fading: Float64Array;
  #items!: ItemVectors;
  #statistics!: Statistics;
  #closed = false;

  constructor(options: EncoderOptions, env: Environment, opened: OpenedEncoder, { tokenizer }: TextModel) {
    this.#options = options;
    this.#env = env;
    this.#opened = opened;
    this.#cache = new CachedEncoder(opened.encoder, env);
    this.#texts = new TextVectors(this.#cache, tokenizer, options, env);
    this.#fading = Float64Array.from({ length: options.window }, (_, k) => 2 ** (-k / options.halfLife));
  }

  async attach({ catalogue, statistics }: Attachment): Promise<void> {
    this.#statistics = statistics;
    this.#items = new ItemVectors(this.#texts, catalogue);
    await this.#items.refresh(this.#env.signal);
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    await this.#items.refresh(this.#env.signal);
    const { dim } = this.#items;
    const { temperature } = this.#options;
    const { items } = candidates;
    const vectors = this.#vectorsOf(items);
    const U = this.#userVectors(users);
    if (candidates.kind === 'shared') {
      const scores = new Float32Array(users.size * items.length);
      sgemm({ transB: true }, users.size, items.length, dim, 1 / temperature, U, vectors, 0, scores);
      for (let b = 0; b < users.size; b++) this.#addPopularity(items, scores, b * items.length);
      return scores;
    }
    const scores = new Float32Array(items.length);
    for (let b = 0; b < users.size; b++)
      for (let i = candidates.offsets[b]; i < candidates.offsets[b + 1]; i++) {
        let dot = 0;
        for (let d = 0; d < dim; d++) dot += U[b * dim + d] * vectors[i * dim + d];
        scores[i] = dot / temperature;
      }
    this.#addPopularity(items, scores, 0);
    return scores;
  }

  /** What items' texts say. Users have no vectors here: nothing is remembered of them. */
  async represent(side: Side, rows: Rows): Promise<Matrix> {
    if (side === 'user')
      throw new TandemError(
        'TANDEM_COMPOSE_MISSING_CAPABILITY',
        `${this.#env.name} gives representations of items; it remembers no users.`,
      );
    await this.#items.refresh(this.#env.signal);
    return { rows: rows.length, cols: this.#items.dim, data: this.#items.gather(rows) };
  }

  /** Which encoder it is: vectors themselves can be had again, and come from the cache. */
  save(): State {
    return { version: STATE_VERSION, arrays: [], values: { encoder: this.#opened.encoder.id } };
  }

  /** Throws `TANDEM_STATE_MISMATCH` where another model, engine or backend made the vectors. */
  load({ version, values }: State): void {
    const { id } = this.#opened.encoder;
    if (version !== STATE_VERSION || values['encoder'] !== id)
      throw new TandemError(
        'TANDEM_STATE_MISMATCH',
        `${this.#env.name} encodes with ${id}; saved is a state of ${String(values['encoder'])}, version ${version}.`,
      );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cache.close();
    await this.#opened.close();
  }

  /** Without a copy where all items are asked for. */
  #vectorsOf(rows: Rows): Float32Array {
    const { data, dim } = this.#items;
    const whole = rows.length === this.#items.rows && rows.every((row, i) => row === i);
    return whole ? data.subarray(0, rows.length * dim) : this.#items.gather(rows);
  }

  /** u of each user, of length 1, `size × dim`; zeros without a past in words. */
  #userVectors({ size, history: { offsets, items } }: UserContexts): Float32Array {
    const { data, dim, rows } = this.#items;
    const U = new Float32Array(size * dim);
    const u = new Float64Array(dim);
    for (let b = 0; b < size; b++) {
      u.fill(0);
      const end = Math.min(offsets[b + 1], offsets[b] + this.#options.window);
      for (let k = offsets[b]; k < end; k++) {
        if (items[k] >= rows) continue;
        const weight = this.#fading[k - offsets[b]];
        for (let d = 0, at = items[k] * dim; d < dim; d++) u[d] += weight * data[at + d];
      }
      const length = Math.hypot(...u);
      if (length > 1e-9) for (let d = 0; d < dim; d++) U[b * dim + d] = u[d] / length;
    }
    return U;
  }

  #addPopularity(items: Rows, scores: Float32Array, at: number): void {
    const { popularity } = this.#options;
    if (popularity === 0) return;
    const { itemCounts } = this.#statistics;
    for (let i = 0; i < items.length; i++) scores[at + i] += popularity * Math.log1p(itemCounts[items[i]] ?? 0);
  }
}
