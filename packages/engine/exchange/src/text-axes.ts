import { sgemm, symmetricEigen } from '@tandem-rec/compute';
import type { Matrix, State } from '@tandem-rec/contract';
import { savedFloats } from './text-prior.ts';

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
  #mean = new Float32Array(0);
  /** f × axes. */
  #axes = new Float32Array(0);
  #count = 0;

  /** How many axes there are; 0 before `fit`. */
  get count(): number {
    return this.#count;
  }

  fit({ rows, cols, data }: Matrix, { axes, whiten, scale }: AxesOptions): void {
    const mean = new Float64Array(cols);
    for (let i = 0; i < rows * cols; i++) mean[i % cols] += data[i] / rows;
    this.#mean = Float32Array.from(mean);
    const centred = this.#centred({ rows, cols, data });
    const covariance = new Float32Array(cols * cols);
    sgemm({ transA: true }, cols, cols, rows, 1 / rows, centred, centred, 0, covariance);
    const { values, vectors } = symmetricEigen(Float64Array.from(covariance), cols);
    const deviations = Array.from(values, (value) => Math.sqrt(Math.max(value, 0)));
    const kept = deviations.slice(0, axes).filter((deviation) => deviation > WEAKEST * deviations[0]);
    this.#count = kept.length;
    const factors = kept.map((deviation) => deviation ** -whiten);
    const variance = kept.reduce((sum, deviation, j) => sum + (deviation * factors[j]) ** 2, 0) / kept.length;
    this.#axes = new Float32Array(cols * kept.length);
    for (let f = 0; f < cols; f++)
      for (let j = 0; j < kept.length; j++)
        this.#axes[f * kept.length + j] = (vectors[f * cols + j] * factors[j] * scale) / Math.sqrt(variance);
  }

  /** Coordinates of vectors, `rows × count`. */
  project(vectors: Matrix): Float32Array {
    const into = new Float32Array(vectors.rows * this.#count);
    if (into.length > 0)
      sgemm({}, vectors.rows, this.#count, vectors.cols, 1, this.#centred(vectors), this.#axes, 0, into);
    return into;
  }

  save(): State {
    const array = (name: string, data: Float32Array) =>
      ({ name, shape: [data.length], owner: 'common', data }) as const;
    return {
      version: 1,
      arrays: [array('mean', this.#mean), array('axes', this.#axes)],
      values: { count: this.#count },
    };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    this.#mean = savedFloats(state, 'mean').slice();
    this.#axes = savedFloats(state, 'axes').slice();
    this.#count = state.values['count'] as number;
  }

  #centred({ rows, cols, data }: Matrix): Float32Array {
    const centred = new Float32Array(rows * cols);
    for (let i = 0; i < centred.length; i++) centred[i] = data[i] - this.#mean[i % cols];
    return centred;
  }
}
