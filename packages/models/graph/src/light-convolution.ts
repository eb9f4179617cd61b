import type { Arena } from '@tandem-rec/compute';
import type { NamedArray } from '@tandem-rec/contract';
import type { BipartiteGraph } from './bipartite-graph.ts';
import type { Convolution, NodeVectors, Propagation } from './convolution.ts';
import type { GraphOptions } from './graph-options.ts';
import { LightPropagation } from './light-propagation.ts';

/** LightGCN's convolution; it has no parameters of its own. */
export class LightConvolution implements Convolution {
  readonly name = 'LightGCN';
  readonly width: number;
  readonly nearWidth: number;
  readonly floatsPerNode: number;
  readonly #layers: number;

  constructor({ dim, layers }: Pick<GraphOptions, 'dim' | 'layers'>) {
    this.#layers = layers;
    this.width = this.nearWidth = dim;
    this.floatsPerNode = 8 * dim;
  }

  over(arena: Arena, graph: BipartiteGraph): Propagation {
    return new LightPropagation(arena, graph, this.width, this.#layers);
  }

  /** f = e/(K + 1) + what neighbours contribute. */
  nodes(arena: Arena, count: number): NodeVectors {
    const share = 1 / (this.#layers + 1);
    const [E, near, F] = [count, count, count].map((rows) => arena.float32(rows * this.width));
    return {
      E,
      near,
      F,
      forward: () => {
        for (let i = 0; i < F.length; i++) F[i] = share * E[i] + near[i];
      },
      backward: (dF) => dF.map((value) => share * value),
    };
  }

  save(): NamedArray[] {
    return [];
  }

  load(): void {}
}
