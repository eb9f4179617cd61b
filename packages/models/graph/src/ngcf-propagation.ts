import { ArenaAdam, propagate, type Arena, type SparseRows } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import type { BipartiteGraph } from './bipartite-graph.ts';
import type { Messages, Propagation } from './convolution.ts';
import { NgcfLayers } from './ngcf-layers.ts';
import type { NgcfOptions } from './ngcf.ts';

/**
 * NGCF over a whole graph: P^(k) = 𝓛 E^(k) with 𝓛 = D^−½ A D^−½ (eqs. 7 and 8), which is symmetric, so that gradients of
 * P go back through it. In training, nodes are dropped with all that they tell others, the same in every layer.
 */
export class NgcfPropagation implements Propagation {
  readonly #arena: Arena;
  readonly #graph: BipartiteGraph;
  readonly #options: NgcfOptions;
  readonly #rng: Rng;
  readonly #weights: Float32Array;
  readonly #W: Float32Array;
  readonly #adam: ArenaAdam;
  /** P^(0) … P^(K−1). */
  readonly #P: readonly Float32Array[];
  /** 𝓛 and its transpose, without the nodes that are dropped. */
  readonly #dropped: readonly [SparseRows, SparseRows];
  readonly layers: NgcfLayers;
  #dropping = false;

  /** @param weights all W (see `NgcfLayers`), kept up to date */
  constructor(arena: Arena, graph: BipartiteGraph, options: NgcfOptions, rng: Rng, weights: Float32Array) {
    const { dim, layers, nodeDropout } = options;
    const { nodes, adjacency } = graph;
    this.#arena = arena;
    this.#graph = graph;
    this.#options = options;
    this.#rng = rng;
    this.#weights = weights;
    this.#W = arena.float32(weights.length);
    this.#W.set(weights);
    this.layers = new NgcfLayers(arena, nodes, options, this.#W);
    this.#adam = new ArenaAdam(arena, this.#W);
    this.#P = Array.from({ length: layers }, () => arena.float32(nodes * dim));
    const values = () => arena.float32(nodeDropout > 0 ? adjacency.values.length : 0);
    this.#dropped = [
      { ...adjacency, values: values() },
      { ...adjacency, values: values() },
    ];
  }

  forward(E: Float32Array, F: Float32Array, training = false): void {
    const { dim, messageDropout, nodeDropout } = this.#options;
    this.#dropping = training && nodeDropout > 0;
    if (this.#dropping) this.#dropNodes();
    const laplacian = this.#dropping ? this.#dropped[0] : this.#graph.adjacency;
    const told = (k: number) => {
      propagate(this.#arena, laplacian, { X: this.layers.E[k], dim, Y: this.#P[k] });
      return { P: this.#P[k], stride: dim, at: 0 };
    };
    if (training && messageDropout > 0) this.layers.forward(E, F, told, messageDropout, this.#rng.int(2 ** 31));
    else this.layers.forward(E, F, told);
  }

  backward(dF: Float32Array, dE: Float32Array): void {
    const { dim } = this.#options;
    const transposed = this.#dropping ? this.#dropped[1] : this.#graph.adjacency;
    const tell = (dP: Float32Array, G: Float32Array): void =>
      propagate(this.#arena, transposed, { X: dP, dim, beta: 1, Y: G });
    dE.set(this.layers.backward(dF, tell));
  }

  step(rate: number, decay: number): void {
    const { learningRate, weightLearningRate = learningRate } = this.#options;
    this.#adam.step(this.layers.dW, rate * (weightLearningRate / learningRate), decay);
    this.#weights.set(this.#W);
  }

  /** [P^(0) | … | P^(K−1)], and E^(k) likewise. */
  messages(): Messages {
    return { near: this.#beside(this.#P), given: this.#beside(this.layers.E.slice(0, -1)) };
  }

  #beside(layers: readonly Float32Array[]): Float32Array {
    const { dim } = this.#options;
    const width = layers.length * dim;
    const all = new Float32Array(this.#graph.nodes * width);
    for (const [k, layer] of layers.entries())
      for (let node = 0; node < this.#graph.nodes; node++)
        all.set(layer.subarray(node * dim, (node + 1) * dim), node * width + k * dim);
    return all;
  }

  #dropNodes(): void {
    const { offsets, columns, values } = this.#graph.adjacency;
    const { nodeDropout } = this.#options;
    const factors = Float32Array.from({ length: this.#graph.nodes }, () =>
      this.#rng.next() < nodeDropout ? 0 : 1 / (1 - nodeDropout),
    );
    const [there, back] = this.#dropped;
    for (let node = 0; node < factors.length; node++)
      for (let e = offsets[node]; e < offsets[node + 1]; e++) {
        there.values[e] = values[e] * factors[columns[e]];
        back.values[e] = values[e] * factors[node];
      }
  }
}
