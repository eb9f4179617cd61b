import type { Attachment, Catalogue, Environment, GrantedTable, RowGradients, Rng, Rows } from '@tandem-rec/contract';
import type { SettledOptions } from '../transformer-options.ts';
import type { WrittenWeights } from './written-weights.ts';
import { addTableRows } from './add-table-rows.ts';
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

/**
 * What an item is: `t_i = tower(text_i) [+ row_i] + Σ_tables Pᵀ E_i`, with its bias `w · text_i` and its log popularity.
 * `row_i` is of the table `item`, if there is one: what the text does not say, beginning at zero.
 */
export class ItemVectors {
  readonly #options: SettledOptions;
  readonly #features: ItemFeatures;
  readonly #popularity: DecayedPopularity;
  readonly #optimiser: WrittenWeights;
  readonly #tower: ItemTower;
  #tokens: readonly SoftToken[] = [];
  #own: GrantedTable | undefined;
  #catalogue!: Catalogue;

  constructor(
    options: SettledOptions,
    { rng }: Pick<Environment, 'rng'>,
    features: ItemFeatures,
    popularity: DecayedPopularity,
    optimiser: WrittenWeights,
  ) {
    const { hidden, dim, learningRate } = options;
    this.#options = options;
    this.#features = features;
    this.#popularity = popularity;
    this.#optimiser = optimiser;
    this.#tower = new ItemTower(features, { hidden, dim, learningRate }, optimiser, rng.fork('tower'));
  }

  attach({ own, shared, catalogue }: Omit<Attachment, 'statistics'>): void {
    const { dim, headLearningRate: learningRate, tokenDropout: dropout } = this.#options;
    this.#catalogue = catalogue;
    this.#own = own['item'];
    this.#tokens = shared
      .filter(({ side }) => side === 'item')
      .map((table) => new SoftToken(table, dim, this.#optimiser, { dropout, learningRate }));
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

  /** With `chance`, as a step of learning sees them: without the soft tokens that are dropped. */
  of(rows: Rows, chance?: Rng): Items {
    const { vectors, biases } = this.#ofOwn(rows);
    for (const token of this.#tokens) token.addTo(rows, vectors, chance);
    const logs = new Float32Array(rows.length);
    this.#popularity.logs(rows, logs);
    return { rows, vectors, biases, logs };
  }

  /** Vectors without the soft tokens, `rows.length × dim`. */
  withoutTokens(rows: Rows): Float32Array {
    return this.#ofOwn(rows).vectors;
  }

  /** After `of` the same rows: adds to the gradients of the weights; returns those of the rows of tables that are trained. */
  backward(rows: Rows, { vectors, biases }: ItemGradients, rate: number): RowGradients[] {
    const rowGradients = this.#tokens
      .map((token) => token.backward(rows, vectors))
      .filter((found) => found !== undefined);
    if (this.#own) rowGradients.push({ table: this.#own.name, rows, values: vectors });
    this.#tower.backward(rows, vectors, biases, rate);
    return rowGradients;
  }

  #ofOwn(rows: Rows): Pick<Items, 'vectors' | 'biases'> {
    const vectors = new Float32Array(rows.length * this.#options.dim);
    const biases = new Float32Array(rows.length);
    this.#tower.forward(rows, vectors, biases);
    if (this.#own) addTableRows(this.#own, rows, vectors);
    return { vectors, biases };
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
