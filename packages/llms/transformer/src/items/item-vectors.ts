import type { Attachment, Catalogue, Environment, RowGradients, Rows } from '@tandem-rec/contract';
import type { TransformerOptions } from '../transformer-options.ts';
import type { AdamW } from './adam-w.ts';
import type { DecayedPopularity } from './decayed-popularity.ts';
import type { ItemFeatures } from './item-features.ts';
import { ItemTower } from './item-tower.ts';
import { SoftToken } from './soft-token.ts';

/** Items of one call with their vectors (`size × dim`), biases and log popularities. */
export interface Items {
  readonly rows: Rows;
  readonly vectors: Float32Array;
  readonly biases: Float32Array;
  readonly logs: Float32Array;
}

/** Gradients for the items of a step, laid out as they are. */
export interface ItemGradients {
  readonly vectors: Float32Array;
  readonly biases: Float32Array;
}

/** What an item is: `t_i = tower(text_i) + Σ_tables Pᵀ E_i`, with its bias `w · text_i` and its log popularity. */
export class ItemVectors {
  readonly #options: TransformerOptions;
  readonly #features: ItemFeatures;
  readonly #popularity: DecayedPopularity;
  readonly #optimiser: AdamW;
  readonly #tower: ItemTower;
  #tokens: readonly SoftToken[] = [];
  #catalogue!: Catalogue;

  constructor(
    options: TransformerOptions,
    { rng }: Pick<Environment, 'rng'>,
    features: ItemFeatures,
    popularity: DecayedPopularity,
    optimiser: AdamW,
  ) {
    const { hidden, dim, learningRate } = options;
    this.#options = options;
    this.#features = features;
    this.#popularity = popularity;
    this.#optimiser = optimiser;
    this.#tower = new ItemTower(features, { hidden, dim, learningRate }, optimiser, rng.fork('tower'));
  }

  attach({ shared, catalogue }: Attachment): void {
    const { dim, headLearningRate } = this.#options;
    this.#catalogue = catalogue;
    this.#tokens = shared
      .filter(({ side }) => side === 'item')
      .map((table) => new SoftToken(table, dim, this.#optimiser, headLearningRate));
  }

  /** Takes over texts that are new or changed. */
  async refresh(learning: boolean, signal: AbortSignal | undefined): Promise<void> {
    const { rows, change } = await this.#features.refresh(this.#catalogue, learning, signal);
    if (change) this.#tower.follow(change);
    else this.#tower.invalidate(rows);
  }

  /** Looks at the scale of the tables' rows of a step. */
  observe(rows: Rows): void {
    for (const token of this.#tokens) token.observe(rows);
  }

  of(rows: Rows): Items {
    const vectors = new Float32Array(rows.length * this.#options.dim);
    const biases = new Float32Array(rows.length);
    const logs = new Float32Array(rows.length);
    this.#tower.forward(rows, vectors, biases);
    for (const token of this.#tokens) token.addTo(rows, vectors);
    this.#popularity.logs(rows, logs);
    return { rows, vectors, biases, logs };
  }

  /** Vectors without the soft tokens, `rows.length × dim`. */
  ofText(rows: Rows): Float32Array {
    const vectors = new Float32Array(rows.length * this.#options.dim);
    this.#tower.forward(rows, vectors, new Float32Array(rows.length));
    return vectors;
  }

  /** Adds to the gradients of the weights; returns those of the rows of tables that are trained. */
  backward(rows: Rows, { vectors, biases }: ItemGradients, rate = 1): RowGradients[] {
    const rowGradients = this.#tokens
      .map((token) => token.backward(rows, vectors))
      .filter((found) => found !== undefined);
    this.#tower.backward(rows, vectors, biases, rate);
    return rowGradients;
  }

  /** The weights have changed. */
  invalidate(): void {
    this.#tower.invalidate();
  }

  /** Mean squares of the tables' rows, by table: part of the saved state. */
  get meanSquares(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#tokens.map((token) => [token.name, token.meanSquare]));
  }

  set meanSquares(saved: Readonly<Record<string, number>>) {
    for (const token of this.#tokens) token.meanSquare = saved[token.name] ?? 0;
  }
}
