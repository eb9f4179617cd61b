import { Adam, restore, type Arena } from '@tandem-rec/compute';
import type { NamedArray, Rng, State } from '@tandem-rec/contract';
import type { BipartiteGraph } from './bipartite-graph.ts';
import type { Convolution, NodeVectors, Propagation } from './convolution.ts';
import { NgcfLayers, weightsOf } from './ngcf-layers.ts';
import { NgcfPropagation } from './ngcf-propagation.ts';
import type { NgcfOptions } from './ngcf.ts';

/** NGCF's convolution and its weights. */
export class NgcfConvolution implements Convolution {
  readonly name = 'NGCF';
  readonly width: number;
  readonly nearWidth: number;
  readonly floatsPerNode: number;
  readonly #options: NgcfOptions;
  readonly #rng: Rng;
  /** All W, see `NgcfLayers`. */
  readonly #weights: Float32Array;
  /** Of the weights on a stream. */
  readonly #adam: Adam;

  constructor(options: NgcfOptions, rng: Rng) {
    const { dim, layers, online } = options;
    this.#options = options;
    this.#rng = rng;
    this.width = (layers + 1) * dim;
    this.nearWidth = layers * dim;
    // E with moments, F with gradient, E^(k) and P^(k), what goes back, and what neighbours contribute.
    this.floatsPerNode = 3 * dim + 2 * this.width + 2 * this.nearWidth + 6 * dim + 3 * this.nearWidth;
    this.#weights = weightsAtBirth(options, rng.fork('weights'));
    this.#adam = new Adam(this.#weights.length, online.weightLearningRate);
  }

  over(arena: Arena, graph: BipartiteGraph): Propagation {
    return new NgcfPropagation(arena, graph, this.#options, this.#rng, this.#weights);
  }

  nodes(arena: Arena, count: number): NodeVectors {
    const { dim } = this.#options;
    const W = arena.float32(this.#weights.length);
    W.set(this.#weights);
    const layers = new NgcfLayers(arena, count, this.#options, W);
    const [E, near, F] = [dim, this.nearWidth, this.width].map((columns) => arena.float32(count * columns));
    return {
      E,
      near,
      F,
      forward: () => layers.forward(E, F, (k) => ({ P: near, stride: this.nearWidth, at: k * dim })),
      backward: (dF) => layers.backward(dF),
      step: (rate) => this.#adam.step(this.#weights, layers.dW, rate),
    };
  }

  save(): NamedArray[] {
    const { dim, layers } = this.#options;
    return [
      { name: 'weights', shape: [layers, 2 * dim, dim], owner: 'common', data: this.#weights },
      ...this.#adam.save(),
    ];
  }

  load(state: State): void {
    for (const { name, data } of this.save()) restore(state, name, data);
  }
}

/** As Glorot and Bengio, 2010; or a tenth of it, and W₁ the identity beside. */
function weightsAtBirth(options: NgcfOptions, rng: Rng): Float32Array {
  const { dim, birth } = options;
  const near = birth === 'identity';
  const limit = (near ? 0.1 : 1) * Math.sqrt(3 / dim);
  const weights = Float32Array.from({ length: weightsOf(options) }, () => limit * (2 * rng.next() - 1));
  if (near)
    for (let W1 = 0; W1 < weights.length; W1 += 2 * dim * dim)
      for (let d = 0; d < dim; d++) weights[W1 + d * (dim + 1)] += 1;
  return weights;
}
