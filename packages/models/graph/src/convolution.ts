import type { Arena } from '@tandem-rec/compute';
import type { NamedArray, State } from '@tandem-rec/contract';
import type { BipartiteGraph } from './bipartite-graph.ts';

/** What makes one graph model differ from another: how the rows of nodes, layer 0, become vectors. */
export interface Convolution {
  /** The model's name, as a sentence begins. */
  readonly name: string;
  /** Floats of a vector. */
  readonly width: number;
  /** Floats that a node's neighbours contribute. */
  readonly nearWidth: number;
  /** Floats of memory that training takes for each node. */
  readonly floatsPerNode: number;
  /** The vectors of a whole graph. */
  over(arena: Arena, graph: BipartiteGraph): Propagation;
  /** The vectors of single nodes. */
  nodes(arena: Arena, count: number): NodeVectors;
  /** Own parameters. */
  save(): NamedArray[];
  load(state: State): void;
}

/** Convolution over a whole graph, forwards and back; all arrays are in its arena. */
export interface Propagation {
  /** F (nodes × width) of E (nodes × dim); `training`: with what is dropped at random in training. */
  forward(E: Float32Array, F: Float32Array, training?: boolean): void;
  /** The gradient with respect to E, from that with respect to F of the last `forward`. */
  backward(dF: Float32Array, dE: Float32Array): void;
  /** Moves own parameters of the model, if there are any, down the gradient that `backward` left. */
  step?(learningRate: number, decay: number): void;
  /** What the last `forward` moved between neighbours. */
  messages(E: Float32Array, F: Float32Array): Messages;
}

/** What nodes told each other, `nodes × nearWidth` each. */
export interface Messages {
  /** What each node was told by all its neighbours together. */
  readonly near: Float32Array;
  /** What each node gives to a neighbour, before the weight of their edge. */
  readonly given: Float32Array;
}

/** Vectors of single nodes whose neighbours are constants; all arrays are in the arena. */
export interface NodeVectors {
  /** Their rows (count × dim), to be filled. */
  readonly E: Float32Array;
  /** What their neighbours contribute (count × nearWidth), to be filled. */
  readonly near: Float32Array;
  /** Their vectors (count × width) after `forward`. */
  readonly F: Float32Array;
  forward(): void;
  /** The gradient with respect to E (count × dim), from that with respect to F. */
  backward(dF: Float32Array): Float32Array;
  /** Moves own parameters of the model, if there are any, down the gradient that `backward` left. */
  step?(rate: number): void;
}
