import { coordinates, principalAxes } from '@tandem-rec/compute';
import { savedArray, type Matrix, type State } from '@tandem-rec/contract';

/** Axes with less than this share of the strongest one's deviation are rounding, and are left out. */
const WEAKEST = 1e-3;

/** What the axes are fitted with. */
export interface AxesOptions {
  /** Most axes that are kept. */
  readonly axes: number;
  /** Power of the deviation that an axis is divided by: 0 plain principal components, 1 whitened. */
  readonly whiten: number;
  /** Standard deviation of the elements of what was fitted, over all axes. */
  readonly scale: number;
}

/**
 * The principal axes of text vectors, for rows that begin where their texts say: with V (n × f) centred and
 * VᵀV / n = U diag(σ²) Uᵀ, coordinates are `(v − mean) · U_d diag(σ² + ε)^(−whiten / 2) · c`, c such that their deviation is
 * `scale`. ε = mean(σ²) · f / n: of few texts the weak axes are their accidents, along which the next text may lie far out.
 */
export class TextAxes {
  #mean: Float32Array = new Float32Array(0);
  /** f × axes. */
  #axes = new Float32Array(0);
  #count = 0;

  /** How many axes there are; 0 before `fit`. */
  get count(): number {
    return this.#count;
  }

  fit(texts: Matrix, { axes, whiten, scale }: AxesOptions): void {
    const { cols } = texts;
    const { mean, values, vectors } = principalAxes(texts, 1 / texts.rows);
    const variances = Array.from(values, (value) => Math.max(value, 0));
    const kept = variances.slice(0, axes).filter((variance) => variance > WEAKEST ** 2 * variances[0]);
    const doubt = variances.reduce((sum, variance) => sum + variance, 0) / texts.rows;
    this.#count = kept.length;
    this.#mean = mean;
    const factors = kept.map((variance) => (variance + doubt) ** (-whiten / 2));
    const size = kept.reduce((sum, variance, j) => sum + variance * factors[j] ** 2, 0) / kept.length;
    this.#axes = new Float32Array(cols * kept.length);
    for (let f = 0; f < cols; f++)
      for (let j = 0; j < kept.length; j++)
        this.#axes[f * kept.length + j] = (vectors[f * cols + j] * factors[j] * scale) / Math.sqrt(size);
  }

  /** Coordinates of vectors, `rows × count`. */
  project(vectors: Matrix): Float32Array {
    return coordinates(vectors, this.#mean, this.#axes);
  }

  save(): State {
    const array = (name: string, data: Float32Array) =>
      ({ name, shape: [data.length], owner: 'common', data }) as const;
    return {
      version: 1,
      arrays: [array('axes-mean', this.#mean), array('axes', this.#axes)],
      values: { count: this.#count },
    };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    this.#mean = savedArray(state, 'axes-mean', Float32Array).slice();
    this.#axes = savedArray(state, 'axes', Float32Array).slice();
    this.#count = state.values['count'] as number;
  }
}
