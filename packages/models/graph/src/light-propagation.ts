import { propagate, type Arena } from '@tandem-rec/compute';
import type { BipartiteGraph } from './bipartite-graph.ts';
import type { Messages, Propagation } from './convolution.ts';

/**
 * Light graph convolution and layer combination (eqs. 3, 4 and 8) with equal weights 1/(K + 1):
 *
 *     F = (E + ÃE + … + Ã^K E) / (K + 1) = (E + Ã Z_{K−1}) / (K + 1),   Z_k = E + Ã Z_{k−1},   Z_0 = E
 *
 * F is linear in E and the matrix is symmetric: gradients go back through the same function.
 */
export class LightPropagation implements Propagation {
  readonly #arena: Arena;
  readonly #graph: BipartiteGraph;
  readonly #dim: number;
  readonly #layers: number;
  /** Z_{K−1} after `forward` (nodes × dim). */
  readonly #inner: Float32Array;
  readonly #other: Float32Array;

  constructor(arena: Arena, graph: BipartiteGraph, dim: number, layers: number) {
    this.#arena = arena;
    this.#graph = graph;
    this.#dim = dim;
    this.#layers = layers;
    this.#inner = arena.float32(graph.nodes * dim);
    this.#other = arena.float32(graph.nodes * dim);
  }

  /** F of E (nodes × dim each, in the arena, not the same array). */
  forward(E: Float32Array, F: Float32Array): void {
    const dim = this.#dim;
    const { adjacency } = this.#graph;
    const share = 1 / (this.#layers + 1);
    // Z_k and Z_{k+1} take turns such that the last is in `#inner`.
    let [Z, next] = this.#layers % 2 === 1 ? [this.#inner, this.#other] : [this.#other, this.#inner];
    Z.set(E);
    for (let k = 1; k < this.#layers; k++) {
      propagate(this.#arena, adjacency, { X: Z, dim, beta: 1, B: E, Y: next });
      [Z, next] = [next, Z];
    }
    propagate(this.#arena, adjacency, { X: Z, dim, alpha: share, beta: share, B: E, Y: F });
  }

  backward(dF: Float32Array, dE: Float32Array): void {
    this.forward(dF, dE);
  }

  /** f − e/(K + 1), and Z_{K−1}/(K + 1). */
  messages(E: Float32Array, F: Float32Array): Messages {
    const share = 1 / (this.#layers + 1);
    return { near: F.map((value, i) => value - share * E[i]), given: this.#inner.map((value) => share * value) };
  }
}
