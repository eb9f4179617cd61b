import { savedArray, type Matrix, type State } from '@tandem-rec/contract';
import { choleskyFactorDouble, choleskySolveDouble, sgemm } from '@tandem-rec/compute';

/**
 * A linear map from one side's item vectors to the other side's rows, by weighted ridge regression on items that have
 * been met often enough: what the rows of an item *would* look like, judged by its text.
 *
 * With X (n × f, standardised, plus a constant), Y (n × d) and weights w: G = (Xᵀ diag(w) X + λI)⁻¹ Xᵀ diag(w) Y.
 */
export class TextPrior {
  readonly #ridge: number;
  #mean: Float32Array = new Float32Array(0);
  #scale: Float32Array = new Float32Array(0);
  /** (f + 1) × d. */
  #map: Float32Array = new Float32Array(0);
  #width = 0;

  /** `ridge`: λ. */
  constructor(ridge: number) {
    this.#ridge = ridge;
  }

  /** True once `fit` has run. */
  get fitted(): boolean {
    return this.#width > 0;
  }

  /**
   * @param vectors all items' vectors (n × f): they set the scale of the features
   * @param rows which of them to learn from
   * @param targets their rows at the other side (rows.length × d)
   * @param weights one per row
   */
  fit(vectors: Matrix, rows: Int32Array, targets: Float32Array, width: number, weights: Float32Array): void {
    this.#standardise(vectors);
    this.#width = width;
    const features = vectors.cols + 1;
    const x = this.#features({ rows: rows.length, cols: vectors.cols, data: gathered(vectors, rows) });
    const weighted = new Float32Array(x.length);
    for (let row = 0; row < rows.length; row++)
      for (let f = 0; f < features; f++) weighted[row * features + f] = x[row * features + f] * weights[row];
    const gram = new Float32Array(features * features);
    const right = new Float32Array(features * width);
    sgemm({ transA: true }, features, features, rows.length, 1, weighted, x, 0, gram);
    sgemm({ transA: true }, features, width, rows.length, 1, weighted, targets, 0, right);
    for (let f = 0; f < features; f++) gram[f * features + f] += this.#ridge;
    const L = choleskyFactorDouble(gram, features);
    this.#map = Float32Array.from(choleskySolveDouble(L, features, right, width));
  }

  /** Rows as the vectors would have them (n × d). Only when `fitted`. */
  project(vectors: Matrix): Float32Array {
    const features = vectors.cols + 1;
    const into = new Float32Array(vectors.rows * this.#width);
    sgemm({}, vectors.rows, this.#width, features, 1, this.#features(vectors), this.#map, 0, into);
    return into;
  }

  save(): State {
    const array = (name: string, data: Float32Array) =>
      ({ name, shape: [data.length], owner: 'common', data }) as const;
    return {
      version: 1,
      arrays: [array('mean', this.#mean), array('scale', this.#scale), array('map', this.#map)],
      values: { width: this.#width },
    };
  }

  load(state: State): void {
    const array = (name: string): Float32Array => savedArray(state, name, Float32Array).slice();
    this.#mean = array('mean');
    this.#scale = array('scale');
    this.#map = array('map');
    this.#width = state.values['width'] as number;
  }

  #standardise({ rows, cols, data }: Matrix): void {
    this.#mean = new Float32Array(cols);
    this.#scale = new Float32Array(cols);
    for (let f = 0; f < cols; f++) {
      let sum = 0;
      let squares = 0;
      for (let row = 0; row < rows; row++) {
        const value = data[row * cols + f];
        sum += value;
        squares += value * value;
      }
      this.#mean[f] = sum / rows;
      this.#scale[f] = 1 / Math.sqrt(Math.max(squares / rows - (sum / rows) ** 2, 1e-12));
    }
  }

  #features({ rows, cols, data }: Matrix): Float32Array {
    const features = new Float32Array(rows * (cols + 1));
    for (let row = 0, to = 0; row < rows; row++) {
      for (let f = 0; f < cols; f++) features[to++] = (data[row * cols + f] - this.#mean[f]) * this.#scale[f];
      features[to++] = 1;
    }
    return features;
  }
}

function gathered({ cols, data }: Matrix, rows: Int32Array): Float32Array {
  const into = new Float32Array(rows.length * cols);
  for (let k = 0; k < rows.length; k++) into.set(data.subarray(rows[k] * cols, (rows[k] + 1) * cols), k * cols);
  return into;
}
