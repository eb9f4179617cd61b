import type { NamedArray } from '@tandem-rec/contract';

const BETA1 = 0.9;
const BETA2 = 0.99;
const EPSILON = 1e-8;

/** Adam (Kingma and Ba, 2015, algorithm 1) for one dense vector. β2 = 0.99: on a stream the variance has to follow. */
export class Adam {
  readonly #learningRate: number;
  readonly #mean: Float32Array;
  readonly #variance: Float32Array;
  readonly #steps = new Float64Array(1);

  constructor(length: number, learningRate: number) {
    this.#learningRate = learningRate;
    this.#mean = new Float32Array(length);
    this.#variance = new Float32Array(length);
  }

  /** Moves `values` against `gradient`; `scale` is a factor of the learning rate. */
  step(values: Float32Array, gradient: Float32Array, scale = 1): void {
    const t = (this.#steps[0] += 1);
    const rate = (scale * this.#learningRate) / (1 - BETA1 ** t);
    const root = Math.sqrt(1 - BETA2 ** t);
    const mean = this.#mean;
    const variance = this.#variance;
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i];
      const m = BETA1 * mean[i] + (1 - BETA1) * g;
      const v = BETA2 * variance[i] + (1 - BETA2) * g * g;
      mean[i] = m;
      variance[i] = v;
      values[i] -= (rate * m) / (Math.sqrt(v) / root + EPSILON);
    }
  }

  /** Live arrays: `restore` under the same names brings them back. */
  save(): NamedArray[] {
    return [
      { name: 'adam/mean', shape: [this.#mean.length], owner: 'common', data: this.#mean },
      { name: 'adam/variance', shape: [this.#variance.length], owner: 'common', data: this.#variance },
      { name: 'adam/steps', shape: [1], owner: 'common', data: this.#steps },
    ];
  }
}
