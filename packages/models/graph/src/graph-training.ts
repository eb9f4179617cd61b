import type { Rng } from '@tandem-rec/contract';
import { ArenaAdam, type Arena, shuffle } from '@tandem-rec/compute';
import type { BipartiteGraph } from './bipartite-graph.ts';
import type { Convolution, Propagation } from './convolution.ts';
import { batchOf, type GraphOptions } from './graph-options.ts';
import { Negatives } from './negatives.ts';
import { PairLoss } from './pair-loss.ts';

/** Share of all steps in which the learning rate rises from zero. */
const WARM_UP = 0.05;

/**
 * Training on a whole graph. A step draws a batch of edges, spreads E over the graph, and takes the gradient of the
 * batch's loss back through the same propagation: its cost beside the batch is that of the graph, whatever the batch.
 */
export class GraphTraining {
  /** Rows of layer 0 (nodes × dim); users first. */
  readonly E: Float32Array;
  /** What they become (nodes × width). */
  readonly F: Float32Array;
  readonly propagation: Propagation;
  readonly #options: GraphOptions;
  readonly #graph: BipartiteGraph;
  readonly #rng: Rng;
  readonly #gradient: Float32Array;
  readonly #loss: PairLoss;
  readonly #adam: ArenaAdam;
  readonly #negatives: Negatives;
  /** Edges in the order of this epoch: user of each position of the adjacency's first half. */
  readonly #order: Int32Array;
  readonly #owners: Int32Array;
  readonly #batch: number;
  readonly #steps: number;
  #step = 0;

  constructor(
    arena: Arena,
    graph: BipartiteGraph,
    convolution: Convolution,
    options: GraphOptions,
    rng: Rng,
    epochs: number,
  ) {
    const { dim, loss } = options;
    const { width } = convolution;
    const { nodes, users, items, edges } = graph;
    this.#options = options;
    this.#graph = graph;
    this.#rng = rng;
    [this.E, this.F, this.#gradient] = [dim, width, width].map((columns) => arena.float32(nodes * columns));
    this.propagation = convolution.over(arena, graph);
    this.#adam = new ArenaAdam(arena, this.E);
    this.#batch = batchOf(options, edges);
    this.#steps = epochs * Math.ceil(edges / this.#batch);
    this.#loss = new PairLoss(arena, loss, width, this.#batch);
    const popularity = loss.kind === 'bpr' ? 0 : loss.popularity;
    this.#negatives = new Negatives(rng, graph.degrees.subarray(users), items, popularity);
    this.#order = Int32Array.from({ length: edges }, (_, edge) => edge);
    this.#owners = new Int32Array(edges);
    for (let user = 0; user < users; user++)
      this.#owners.fill(user, graph.adjacency.offsets[user], graph.adjacency.offsets[user + 1]);
  }

  /** One pass over all edges in random order; answers the mean loss. `isOver` is asked before each step. */
  epoch(isOver: () => boolean): number {
    shuffle(this.#order, this.#rng);
    const { edges } = this.#graph;
    const { learningRate, regularisation } = this.#options;
    // F is no longer needed once there is its gradient: its place is that of the gradient of E.
    const dE = this.F.subarray(0, this.E.length);
    let loss = 0;
    for (let from = 0; from < edges && !isOver(); from += this.#batch) {
      const count = Math.min(this.#batch, edges - from);
      this.#draw(from, count);
      this.propagation.forward(this.E, this.F, true);
      this.#gradient.fill(0);
      loss += count * this.#loss.descend(this.F, count, 1 / count, this.#gradient);
      this.propagation.backward(this.#gradient, dE);
      const rate = learningRate * this.#schedule();
      this.#adam.step(dE, rate, regularisation);
      this.propagation.step?.(rate, regularisation);
    }
    return loss / edges;
  }

  /** F for E as it is now. */
  spread(): void {
    this.propagation.forward(this.E, this.F);
  }

  #draw(from: number, count: number): void {
    const { users } = this.#graph;
    const { offsets, columns } = this.#graph.adjacency;
    const { loss } = this.#options;
    const { users: u, items: i, negatives: j, shifts } = this.#loss;
    for (let k = 0; k < count; k++) {
      const edge = this.#order[from + k];
      const user = this.#owners[edge];
      u.rows[k] = user;
      i.rows[k] = columns[edge];
      if (loss.kind !== 'bpr') continue;
      const met = columns.subarray(offsets[user], offsets[user + 1]);
      j.rows[k] = users + this.#negatives.other(columns[edge] - users, (item) => has(met, users + item));
    }
    if (loss.kind === 'bpr') return;
    this.#negatives.sample(loss, this.#loss.sample, j.rows, shifts);
    for (let k = 0; k < j.rows.length; k++) j.rows[k] += users;
  }

  /** Rises linearly, then stays or falls along half a cosine. */
  #schedule(): number {
    const done = this.#step++ / this.#steps;
    if (done < WARM_UP) return (done + 1 / this.#steps) / (WARM_UP + 1 / this.#steps);
    return this.#options.schedule === 'constant' ? 1 : (1 + Math.cos(Math.PI * done)) / 2;
  }
}

/** Whether an ascending list has a value. */
function has(list: Int32Array, value: number): boolean {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1;
    else high = middle;
  }
  return list[low] === value;
}
