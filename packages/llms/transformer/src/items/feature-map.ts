import { coordinates, principalAxes, sgemm } from '@tandem-rec/compute';
import { savedArray, type NamedArray, type Rng } from '@tandem-rec/contract';

/** Axes weaker than this part of the strongest one are noise of few texts and are left out. */
const WEAKEST = 0.01;

/**
 * How features before a change are had from those after it: `before ≈ after · turn + shift`, turn `features × features`.
 * With it a linear layer on the features goes on as it was.
 */
export interface MapChange {
  readonly turn: Float32Array;
  readonly shift: Float32Array;
}

/**
 * Affine map from text vectors to the features of a model, `(v − mean) · axes`: the principal components of the texts
 * known when it was fitted, each divided by its singular value to the power `whitening`, so that the many weak ones count
 * too, scaled to unit variance over all. Before it was fitted it is a random rotation, which keeps angles roughly.
 */
export class FeatureMap {
  readonly inputs: number;
  readonly features: number;
  readonly #whitening: number;
  /** Texts it was fitted on; 0: not yet. */
  #fitted = 0;
  readonly #mean: Float32Array;
  /** `inputs × features`. */
  readonly #axes: Float32Array;

  constructor(inputs: number, features: number, whitening: number, rng: Rng) {
    this.inputs = inputs;
    this.features = features;
    this.#whitening = whitening;
    this.#mean = new Float32Array(inputs);
    this.#axes = Float32Array.from({ length: inputs * features }, () => rng.normal());
  }

  get fitted(): number {
    return this.#fitted;
  }

  /** Features of `count` vectors, `count × features`. */
  apply(vectors: Float32Array, count: number): Float32Array {
    return coordinates({ rows: count, cols: this.inputs, data: vectors }, this.#mean, this.#axes);
  }

  /** Fits the map to `count` vectors. */
  fit(vectors: Float32Array, count: number): MapChange {
    const { inputs, features } = this;
    const before = { mean: this.#mean.slice(), axes: this.#axes.slice() };
    const { mean, values, vectors: directions } = principalAxes({ rows: count, cols: inputs, data: vectors });
    this.#mean.set(mean);

    const singular = values.map((value) => Math.sqrt(Math.max(value, 0)));
    let variance = 0;
    const kept = Array.from({ length: Math.min(features, inputs) }, (_, j) => singular[j] > WEAKEST * singular[0]);
    kept.forEach((keep, j) => (variance += keep ? singular[j] ** (2 - 2 * this.#whitening) : 0));
    const deviation = Math.sqrt(variance / (count * features)) || 1;
    this.#axes.fill(0);
    const inverse = new Float32Array(features * inputs);
    kept.forEach((keep, j) => {
      if (!keep) return;
      const factor = singular[j] ** -this.#whitening / deviation;
      for (let i = 0; i < inputs; i++) {
        this.#axes[i * features + j] = directions[i * inputs + j] * factor;
        inverse[j * inputs + i] = directions[i * inputs + j] / factor;
      }
    });
    this.#fitted = count;

    const turn = new Float32Array(features * features);
    sgemm({}, features, features, inputs, 1, inverse, before.axes, 0, turn);
    const shift = new Float32Array(features);
    sgemm(
      {},
      1,
      features,
      inputs,
      1,
      this.#mean.map((value, i) => value - before.mean[i]),
      before.axes,
      0,
      shift,
    );
    return { turn, shift };
  }

  save(): NamedArray[] {
    return [
      { name: 'feature-map:mean', shape: [this.inputs], owner: 'common', data: this.#mean },
      { name: 'feature-map:axes', shape: [this.inputs, this.features], owner: 'common', data: this.#axes },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[], fitted: number): void {
    this.#mean.set(savedArray({ arrays }, 'feature-map:mean', Float32Array, [this.inputs]));
    this.#axes.set(savedArray({ arrays }, 'feature-map:axes', Float32Array, [this.inputs, this.features]));
    this.#fitted = fitted;
  }
}
