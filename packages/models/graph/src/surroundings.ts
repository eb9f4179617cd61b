import { TandemError, type NamedArray, type Rows, type State } from '@tandem-rec/contract';
import type { BipartiteGraph } from './bipartite-graph.ts';

/**
 * What neighbours contribute to each node's vector, f − e/(K + 1), as it was when the graph was last spread. Between two
 * such moments these are constants, and a node's own row moves its vector.
 */
export class Surroundings {
  readonly #dim: number;
  #users = new Float32Array(0);
  #items = new Float32Array(0);
  /** Z_{K−1}/(K + 1) of items: what a user's vector takes from each neighbour. */
  #inner = new Float32Array(0);
  #userDegrees = new Int32Array(0);
  #itemDegrees = new Int32Array(0);

  constructor(dim: number) {
    this.#dim = dim;
  }

  /** Takes over what was spread: F and Z_{K−1} of E (nodes × dim each); `share` is 1/(K + 1). */
  measure(graph: BipartiteGraph, E: Float32Array, F: Float32Array, inner: Float32Array, share: number): void {
    const border = graph.users * this.#dim;
    const near = F.map((value, i) => value - share * E[i]);
    this.#users = near.slice(0, border);
    this.#items = near.slice(border);
    this.#inner = inner.slice(border).map((value) => share * value);
    this.#userDegrees = graph.degrees.slice(0, graph.users);
    this.#itemDegrees = graph.degrees.slice(graph.users);
  }

  /** Adds what the neighbours of an item contribute to the vector at `at`. */
  addItem(item: number, into: Float32Array, at: number): void {
    if (this.#itemDegrees[item] > 0) add(1, this.#items, item * this.#dim, into, at, this.#dim);
  }

  /**
   * Adds what the neighbours of a user contribute: those of the graph, or for users that it does not have the items of
   * their history, as the graph would (one more row of Ã Z_{K−1}). Answers whether there were any.
   */
  addUser(user: number, history: Rows, into: Float32Array, at: number): boolean {
    const dim = this.#dim;
    if (this.#userDegrees[user] > 0) {
      add(1, this.#users, user * dim, into, at, dim);
      return true;
    }
    const known = history.filter((item) => this.#itemDegrees[item] > 0);
    for (const item of known) {
      const weight = 1 / Math.sqrt(known.length * this.#itemDegrees[item]);
      add(weight, this.#inner, item * dim, into, at, dim);
    }
    return known.length > 0;
  }

  save(): NamedArray[] {
    const dim = this.#dim;
    const [users, items] = [this.#userDegrees.length, this.#itemDegrees.length];
    return [
      { name: 'near/users', shape: [users, dim], owner: 'user', data: this.#users },
      { name: 'near/items', shape: [items, dim], owner: 'item', data: this.#items },
      { name: 'inner/items', shape: [items, dim], owner: 'item', data: this.#inner },
      { name: 'degrees/users', shape: [users], owner: 'user', data: this.#userDegrees },
      { name: 'degrees/items', shape: [items], owner: 'item', data: this.#itemDegrees },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH` for rows of another width. */
  load(state: State): void {
    const taken = new Map(state.arrays.map(({ name, data }) => [name, data]));
    const [users, items, inner] = ['near/users', 'near/items', 'inner/items'].map((name) => taken.get(name));
    const [ofUsers, ofItems] = ['degrees/users', 'degrees/items'].map((name) => taken.get(name));
    if (
      !(users instanceof Float32Array && items instanceof Float32Array && inner instanceof Float32Array) ||
      !(ofUsers instanceof Int32Array && ofItems instanceof Int32Array) ||
      users.length !== ofUsers.length * this.#dim ||
      items.length !== ofItems.length * this.#dim ||
      inner.length !== items.length
    )
      throw new TandemError('TANDEM_STATE_MISMATCH', `The saved vectors are not ${this.#dim} floats a row.`);
    [this.#users, this.#items, this.#inner] = [users.slice(), items.slice(), inner.slice()];
    [this.#userDegrees, this.#itemDegrees] = [ofUsers.slice(), ofItems.slice()];
  }
}

function add(factor: number, from: Float32Array, start: number, into: Float32Array, at: number, length: number): void {
  for (let d = 0; d < length; d++) into[at + d] += factor * from[start + d];
}
