import { gelu, grown, sgemm } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import type { WrittenWeights, Parameter } from './written-weights.ts';
import { addRows } from './add-rows.ts';
import type { MapChange } from './feature-map.ts';
import { isPrefix } from './is-prefix.ts';
import type { ItemFeatures } from './item-features.ts';

/** Standard deviation of an item vector's elements at the start. */
const INITIAL_DEVIATION = 0.1;
/** Mean square of gelu over the first layer's outputs at the start, for features of unit variance. */
const INITIAL_SQUARE = 0.13;

/** Sizes and learning rate of an item tower. */
export interface TowerShape {
  readonly hidden: number;
  readonly dim: number;
  readonly learningRate: number;
}

/**
 * From an item's text features x to its vector, `W₂ᵀ gelu(W₁ᵀ x + b₁) + b₂`, and to its bias, `w · x`. Both are kept for
 * every row and computed again only where the weights or the row's features have changed since.
 */
export class ItemTower {
  readonly dim: number;
  readonly #features: ItemFeatures;
  readonly #hidden: number;
  readonly #optimiser: WrittenWeights;
  /** `features × hidden`, `hidden`, `hidden × dim`, `dim`, `features`. */
  readonly #W1: Parameter;
  readonly #b1: Parameter;
  readonly #W2: Parameter;
  readonly #b2: Parameter;
  readonly #w: Parameter;
  /** Age of the weights; a row's vector is up to date if it has the same stamp. */
  #age = 1;
  #stamps = new Int32Array(0);
  /** Of each row: its features, and of its hidden layer the values and slopes of the GELU. */
  #inputs = new Float32Array(0);
  #active = new Float32Array(0);
  #slopes = new Float32Array(0);
  #vectors = new Float32Array(0);
  #biases = new Float32Array(0);
  // Of the rows at work. Memory grows to the largest step and stays.
  #before = new Float32Array(0);
  #dHidden = new Float32Array(0);
  #dInputs = new Float32Array(0);

  constructor(features: ItemFeatures, { hidden, dim, learningRate }: TowerShape, optimiser: WrittenWeights, rng: Rng) {
    this.dim = dim;
    this.#features = features;
    this.#hidden = hidden;
    this.#optimiser = optimiser;
    const bound = 1 / Math.sqrt(features.dim);
    const uniform = (): number => bound * (2 * rng.next() - 1);
    const deviation = INITIAL_DEVIATION / Math.sqrt(hidden * INITIAL_SQUARE);
    this.#W1 = optimiser.add('tower:W1', [features.dim, hidden], learningRate, uniform);
    this.#b1 = optimiser.add('tower:b1', [hidden], learningRate, uniform);
    this.#W2 = optimiser.add('tower:W2', [hidden, dim], learningRate, () => deviation * rng.normal());
    this.#b2 = optimiser.add('tower:b2', [dim], learningRate, () => 0);
    this.#w = optimiser.add('tower:w', [features.dim], learningRate, () => 0);
  }

  /** The weights have changed, or with `rows` only the features of these rows. */
  invalidate(rows?: Int32Array): void {
    if (rows) {
      for (const row of rows) if (row < this.#stamps.length) this.#stamps[row] = 0;
    } else this.#age++;
  }

  /** Takes over a new map behind the features: the first layer and the bias go on computing what they computed. */
  follow({ turn, shift }: MapChange): void {
    const { dim: features } = this.#features;
    const before = this.#W1.value.slice();
    sgemm({}, 1, this.#hidden, features, 1, shift, before, 1, this.#b1.value);
    sgemm({}, features, this.#hidden, features, 1, turn, before, 0, this.#W1.value);
    sgemm({}, features, 1, features, 1, turn, this.#w.value.slice(), 0, this.#w.value);
    this.#optimiser.forget(this.#W1);
    this.#optimiser.forget(this.#w);
    this.invalidate();
  }

  /** Vectors (`rows.length × dim`) and biases (`rows.length`) of distinct rows. */
  forward(rows: Int32Array, vectors: Float32Array, biases: Float32Array): void {
    this.#refresh(rows);
    const { dim } = this;
    vectors.set(rowsOf(this.#vectors, rows, dim));
    biases.set(rowsOf(this.#biases, rows, 1));
  }

  /** Adds to the gradients of the weights, and lets learned features move, given those of vectors and biases after `forward`. */
  backward(rows: Int32Array, dVectors: Float32Array, dBiases: Float32Array, rate = 1): void {
    const count = rows.length;
    const { dim } = this;
    const hidden = this.#hidden;
    const features = this.#features.dim;
    const X = rowsOf(this.#inputs, rows, features);
    const active = rowsOf(this.#active, rows, hidden);
    const slopes = rowsOf(this.#slopes, rows, hidden);
    const dHidden = (this.#dHidden = grown(this.#dHidden, count * hidden)).subarray(0, count * hidden);
    sgemm({ transB: true }, count, hidden, dim, 1, dVectors, this.#W2.value, 0, dHidden);
    for (let i = 0; i < dHidden.length; i++) dHidden[i] *= slopes[i];
    sgemm({ transA: true }, hidden, dim, count, 1, active, dVectors, 1, this.#W2.gradient);
    sgemm({ transA: true }, features, hidden, count, 1, X, dHidden, 1, this.#W1.gradient);
    addRows(dVectors, count, dim, this.#b2.gradient);
    addRows(dHidden, count, hidden, this.#b1.gradient);
    sgemm({ transA: true }, features, 1, count, 1, X, dBiases, 1, this.#w.gradient);
    if (!this.#features.learn) return;
    const dX = (this.#dInputs = grown(this.#dInputs, count * features)).subarray(0, count * features);
    const w = this.#w.value;
    for (let i = 0, at = 0; i < count; i++) for (let f = 0; f < features; f++) dX[at++] = dBiases[i] * w[f];
    sgemm({ transB: true }, count, features, hidden, 1, dHidden, this.#W1.value, 1, dX);
    this.#features.learn(rows, dX, rate);
  }

  #refresh(rows: Int32Array): void {
    const highest = rows.reduce((max, row) => Math.max(max, row), -1);
    const { dim } = this;
    const hidden = this.#hidden;
    const features = this.#features.dim;
    this.#stamps = grown(this.#stamps, highest + 1);
    this.#inputs = grown(this.#inputs, (highest + 1) * features);
    this.#active = grown(this.#active, (highest + 1) * hidden);
    this.#slopes = grown(this.#slopes, (highest + 1) * hidden);
    this.#vectors = grown(this.#vectors, (highest + 1) * dim);
    this.#biases = grown(this.#biases, highest + 1);
    const stale = rows.filter((row) => this.#stamps[row] !== this.#age);
    const count = stale.length;
    if (count === 0) return;
    // Rows that lie one below the other are computed where they are kept.
    const inPlace = isPrefix(stale);
    const placeFor = (kept: Float32Array, width: number): Float32Array =>
      inPlace ? kept.subarray(0, count * width) : new Float32Array(count * width);
    const X = placeFor(this.#inputs, features);
    const active = placeFor(this.#active, hidden);
    const slopes = placeFor(this.#slopes, hidden);
    const vectors = placeFor(this.#vectors, dim);
    const biases = placeFor(this.#biases, 1);
    this.#features.gather(stale, X);
    const before = (this.#before = grown(this.#before, count * hidden)).subarray(0, count * hidden);
    for (let i = 0; i < count; i++) before.set(this.#b1.value, i * hidden);
    sgemm({}, count, hidden, features, 1, X, this.#W1.value, 1, before);
    gelu(before, active, slopes);
    for (let i = 0; i < count; i++) vectors.set(this.#b2.value, i * dim);
    sgemm({}, count, dim, hidden, 1, active, this.#W2.value, 1, vectors);
    sgemm({}, count, 1, features, 1, X, this.#w.value, 0, biases);
    if (!inPlace) {
      put(X, this.#inputs, stale, features);
      put(active, this.#active, stale, hidden);
      put(slopes, this.#slopes, stale, hidden);
      put(vectors, this.#vectors, stale, dim);
      put(biases, this.#biases, stale, 1);
    }
    for (let i = 0; i < count; i++) this.#stamps[stale[i]] = this.#age;
  }
}

/** The rows of a matrix below each other. It may be a view. */
function rowsOf(matrix: Float32Array, rows: Int32Array, width: number): Float32Array {
  if (isPrefix(rows)) return matrix.subarray(0, rows.length * width);
  const copy = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++)
    for (let d = 0, from = rows[i] * width, to = i * width; d < width; d++) copy[to + d] = matrix[from + d];
  return copy;
}

function put(values: Float32Array, matrix: Float32Array, rows: Int32Array, width: number): void {
  for (let i = 0; i < rows.length; i++)
    for (let d = 0, from = i * width, to = rows[i] * width; d < width; d++) matrix[to + d] = values[from + d];
}
