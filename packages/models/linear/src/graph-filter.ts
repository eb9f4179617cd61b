import {
  Arena,
  arenaSgemm,
  availableBytes,
  patternOf,
  patternTimes,
  requireMemory,
  type Pattern,
} from '@tandem-rec/compute';
import type { Histories, Rng, Rows } from '@tandem-rec/contract';
import { NormalisedGraph, scaleRows } from './normalised-graph.ts';
import { singularVectors } from './singular-vectors.ts';

/** Interactions as ragged lists by user. */
export interface Lists {
  readonly offsets: Int32Array;
  readonly items: Rows;
  readonly itemCount: number;
}

/** Singular vectors of a graph, as they are kept between its versions. */
export interface Basis {
  /** l: vectors that are iterated. */
  readonly width: number;
  /** How many of them count. */
  readonly vectors: number;
  /** items × width, those of the largest singular values first. */
  readonly data: Float32Array;
}

export const NO_BASIS: Basis = { width: 0, vectors: 0, data: new Float32Array(0) };

/** The filters over one version of the graph, in an arena of their own. */
export class GraphFilter {
  readonly graph: NormalisedGraph;
  readonly #arena: Arena;
  #vectors = 0;
  /** D_I^-½ V (items × K) */
  #left: Float32Array = new Float32Array(0);
  /** α D_I V: with a last factor D_I^-½, which the linear filter needs too, it is α D_I^½ V. */
  #right: Float32Array = new Float32Array(0);

  /** @param width of the basis that will be used. Throws `TANDEM_MEMORY_TOO_SMALL`. */
  constructor({ offsets, items, itemCount }: Lists, width: number, threads: number) {
    const floats = width * (5 * itemCount + offsets.length) + 4 * items.length + 4 * (itemCount + offsets.length);
    const what = `A graph filter over ${itemCount.toLocaleString('en-US')} items and ${offsets.length - 1} users`;
    requireMemory(what, 4 * floats, Math.min(2 ** 32, availableBytes()));
    this.#arena = new Arena({ threads });
    this.graph = new NormalisedGraph(this.#arena, offsets, items, itemCount);
  }

  /** The basis that follows from another after so many passes; what that has no numbers for begins at random. */
  decompose({ width, data }: Basis, newWidth: number, iterations: number, rng: Rng): Basis {
    const { items } = this.graph;
    return this.#arena.scoped(() => {
      const Q = this.#arena.float32(items * newWidth);
      const known = width === 0 ? 0 : data.length / width;
      for (let i = 0, at = 0; i < items; i++)
        for (let d = 0; d < newWidth; d++, at++)
          Q[at] = i < known && d < width ? data[i * width + d] : (rng.next() - 0.5) / Math.sqrt(items);
      const vectors = newWidth === 0 ? 0 : singularVectors(this.#arena, this.graph, Q, newWidth, iterations);
      return { width: newWidth, vectors, data: Float32Array.from(Q) };
    });
  }

  /** Uses the first `rank` vectors for the ideal low-pass filter, with weight α. Once. */
  lowPass({ width, vectors, data }: Basis, rank: number, alpha: number): void {
    const { items, itemScales, itemDegrees } = this.graph;
    const K = (this.#vectors = Math.min(rank, vectors));
    this.#left = this.#arena.float32(items * K);
    this.#right = this.#arena.float32(items * K);
    for (let i = 0; i < items; i++) {
      const row = data.subarray(i * width, i * width + K);
      this.#left.set(row, i * K);
      this.#right.set(row, i * K);
    }
    scaleRows(this.#left, itemScales, K);
    scaleRows(
      this.#right,
      itemDegrees.map((degree) => alpha * degree),
      K,
    );
  }

  /**
   * Below equation 12, for every user: x_u D_I^-½ (R̃ᵀ R̃ + α V Vᵀ) D_I^½ with the linear filter normalised as the authors
   * do it, up to the last factor D_I^-½ (`graph.itemScales`). `size × items`, for the time of the call.
   */
  scores<T>({ offsets, items }: Histories, size: number, use: (scores: Float32Array, X: Pattern) => T): T {
    const arena = this.#arena;
    const { graph } = this;
    return arena.scoped(() => {
      const X = patternOf(offsets.subarray(0, size + 1), items, graph.items, arena);
      const scores = arena.float32(size * graph.items);
      graph.linear(X, scores);
      const K = this.#vectors;
      if (K > 0) {
        const spectrum = arena.float32(size * K);
        patternTimes(arena, X, { data: this.#left, row: K }, K, spectrum);
        const [Z, V] = [
          { data: spectrum, row: K },
          { data: this.#right, row: K },
        ];
        arenaSgemm(arena, { transB: true }, size, graph.items, K, 1, Z, V, 1, { data: scores, row: graph.items });
      }
      return use(scores, X);
    });
  }

  close(): void {
    this.#arena.close();
  }
}
