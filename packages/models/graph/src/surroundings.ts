import { savedArray, type NamedArray, type Rows, type State } from '@tandem-rec/contract';
import type { BipartiteGraph } from './bipartite-graph.ts';
import type { Messages } from './convolution.ts';

/**
 * What neighbours contribute to each node's vector, as it was when the graph was last spread. Between two such moments
 * these are constants, and a node's own row moves its vector.
 */
export class Surroundings {
  readonly #width: number;
  #users = new Float32Array(0);
  #items = new Float32Array(0);
  /** Of items: what a user takes from each neighbour. */
  #given = new Float32Array(0);
  #userDegrees = new Int32Array(0);
  #itemDegrees = new Int32Array(0);

  constructor(width: number) {
    this.#width = width;
  }

  /** Takes over what was spread. */
  measure(graph: BipartiteGraph, { near, given }: Messages): void {
    const border = graph.users * this.#width;
    this.#users = near.slice(0, border);
    this.#items = near.slice(border);
    this.#given = given.slice(border);
    this.#userDegrees = graph.degrees.slice(0, graph.users);
    this.#itemDegrees = graph.degrees.slice(graph.users);
  }

  /** Adds what the neighbours of an item contribute, at `at`. */
  addItem(item: number, into: Float32Array, at: number): void {
    if (this.#itemDegrees[item] > 0) add(1, this.#items, item * this.#width, into, at, this.#width);
  }

  /**
   * Adds what the neighbours of a user contribute: those of the graph, or for users that it does not have the items of
   * their history, as the graph would (one more row of Ã). Answers whether there were any.
   */
  addUser(user: number, history: Rows, into: Float32Array, at: number): boolean {
    const width = this.#width;
    if (this.#userDegrees[user] > 0) {
      add(1, this.#users, user * width, into, at, width);
      return true;
    }
    const known = history.filter((item) => this.#itemDegrees[item] > 0);
    for (const item of known) {
      const weight = 1 / Math.sqrt(known.length * this.#itemDegrees[item]);
      add(weight, this.#given, item * width, into, at, width);
    }
    return known.length > 0;
  }

  save(): NamedArray[] {
    const width = this.#width;
    const [users, items] = [this.#userDegrees.length, this.#itemDegrees.length];
    return [
      { name: 'near/users', shape: [users, width], owner: 'user', data: this.#users },
      { name: 'near/items', shape: [items, width], owner: 'item', data: this.#items },
      { name: 'given/items', shape: [items, width], owner: 'item', data: this.#given },
      { name: 'degrees/users', shape: [users], owner: 'user', data: this.#userDegrees },
      { name: 'degrees/items', shape: [items], owner: 'item', data: this.#itemDegrees },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH` for rows of another width. */
  load(state: State): void {
    const width = this.#width;
    const userDegrees = savedArray(state, 'degrees/users', Int32Array).slice();
    const itemDegrees = savedArray(state, 'degrees/items', Int32Array).slice();
    const users = savedArray(state, 'near/users', Float32Array, [userDegrees.length, width]).slice();
    const items = savedArray(state, 'near/items', Float32Array, [itemDegrees.length, width]).slice();
    const given = savedArray(state, 'given/items', Float32Array, [itemDegrees.length, width]).slice();
    [this.#users, this.#items, this.#given] = [users, items, given];
    [this.#userDegrees, this.#itemDegrees] = [userDegrees, itemDegrees];
  }
}

function add(factor: number, from: Float32Array, start: number, into: Float32Array, at: number, length: number): void {
  for (let d = 0; d < length; d++) into[at + d] += factor * from[start + d];
}
