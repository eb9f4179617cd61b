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
 * VᵀV / n = U diag(σ²) Uᵀ, coordinates are `(v − mean) · U_d diag(σ^−whiten) · c`, c such that their deviation is `scale`.
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
    const deviations = Array.from(values, (value) => Math.sqrt(Math.max(value, 0)));
    const kept = deviations.slice(0, axes).filter((deviation) => deviation > WEAKEST * deviations[0]);
    this.#count = kept.length;
    this.#mean = mean;
    const factors = kept.map((deviation) => deviation ** -whiten);
    const variance = kept.reduce((sum, deviation, j) => sum + (deviation * factors[j]) ** 2, 0) / kept.length;
    this.#axes = new Float32Array(cols * kept.length);
    for (let f = 0; f < cols; f++)
      for (let j = 0; j < kept.length; j++)
        this.#axes[f * kept.length + j] = (vectors[f * cols + j] * factors[j] * scale) / Math.sqrt(variance);
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
