import { rescaleRows, type Arena } from '@tandem-rec/compute';
import type { GrantedTable, Rows, Statistics, UserContexts } from '@tandem-rec/contract';
import type { Convolution, NodeVectors } from './convolution.ts';
import type { GraphOptions } from './graph-options.ts';
import type { Surroundings } from './surroundings.ts';

/** Users as nodes: their history is what they are known by where the graph does not have them. */
export type Users = Pick<UserContexts, 'size' | 'users' | 'history'>;

/** What nodes are read from. */
export interface NodeSources {
  readonly users: GrantedTable;
  readonly items: GrantedTable;
  readonly statistics: Statistics;
  readonly surroundings: Surroundings;
}

/** Users and items as single nodes: their rows, with neighbours as they were when the graph was last spread. */
export class NodeReader {
  readonly #arena: Arena;
  readonly #convolution: Convolution;
  readonly #options: GraphOptions;
  readonly #sources: NodeSources;

  constructor(arena: Arena, convolution: Convolution, options: GraphOptions, sources: NodeSources) {
    this.#arena = arena;
    this.#convolution = convolution;
    this.#options = options;
    this.#sources = sources;
  }

  /** Makes users the first nodes; `nobody` is told of whom nothing is known. */
  placeUsers({ size, users, history }: Users, { E, near }: NodeVectors, nobody?: Uint8Array): void {
    const { nearWidth } = this.#convolution;
    const { users: table, statistics, surroundings } = this.#sources;
    table.gather(users.subarray(0, size), E);
    for (let b = 0; b < size; b++) {
      const items = history.items.subarray(history.offsets[b], history.offsets[b + 1]);
      const met = surroundings.addUser(users[b], items, near, b * nearWidth);
      if (nobody && !met && !(statistics.userCounts[users[b]] > 0)) nobody[b] = 1;
    }
  }

  /** Makes items the nodes from `first` on. */
  placeItems(rows: Rows, { E, near }: NodeVectors, first: number): void {
    const { nearWidth } = this.#convolution;
    const { items: table, surroundings } = this.#sources;
    table.gather(rows, E.subarray(first * this.#options.dim));
    for (let k = 0; k < rows.length; k++) surroundings.addItem(rows[k], near, (first + k) * nearWidth);
  }

  /** Vectors of users, `size × width`. */
  ofUsers(users: Users, nobody?: Uint8Array): Float32Array {
    return this.#vectors(users.size, (nodes) => this.placeUsers(users, nodes, nobody));
  }

  /** Vectors of items, `rows.length × width`. */
  ofItems(rows: Rows): Float32Array {
    return this.#vectors(rows.length, (nodes) => this.placeItems(rows, nodes, 0));
  }

  /** The same as they meet those of users: where cosines are learned, as long as `lengths` says. */
  rankingItems(rows: Rows): Float32Array {
    const { loss } = this.#options;
    const V = this.ofItems(rows);
    if (loss.kind === 'sampled-softmax' && loss.similarity === 'cosine')
      rescaleRows(V, rows.length, this.#convolution.width, loss.lengths);
    return V;
  }

  #vectors(count: number, place: (nodes: NodeVectors) => void): Float32Array {
    return this.#arena.scoped(() => {
      const nodes = this.#convolution.nodes(this.#arena, count);
      place(nodes);
      nodes.forward();
      return nodes.F.slice();
    });
  }
}
