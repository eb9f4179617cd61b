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
  /** α · sharpness · D_I^½ V */
  #right: Float32Array = new Float32Array(0);
  /** sharpness · D_I^-½ */
  readonly #last: Float32Array;
  /** Logits are so many times the filtered signal. */
  readonly #sharpness: number;

  /** @param width of the basis that will be used. Throws `TANDEM_MEMORY_TOO_SMALL`. */
  constructor({ offsets, items, itemCount }: Lists, width: number, sharpness: number, threads: number) {
    const floats = width * (5 * itemCount + offsets.length) + 4 * items.length + 4 * (itemCount + offsets.length);
    const what = `A graph filter over ${itemCount.toLocaleString('en-US')} items and ${offsets.length - 1} users`;
    requireMemory(what, 4 * floats, Math.min(2 ** 32, availableBytes()));
    this.#arena = new Arena({ threads });
    this.graph = new NormalisedGraph(this.#arena, offsets, items, itemCount);
    this.#sharpness = sharpness;
    this.#last = this.#arena.float32(itemCount);
    for (let i = 0; i < itemCount; i++) this.#last[i] = sharpness * this.graph.itemScales[i];
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
      itemDegrees.map((degree) => alpha * this.#sharpness * Math.sqrt(degree)),
      K,
    );
  }

  /**
   * Below equation 12, for every user: sharpness · x_u (R̃ᵀ R̃ + α D_I^-½ V Vᵀ D_I^½), the linear filter normalised as the
   * authors do it. `size × items`, in place until the filter is used again. X has what is known of the histories.
   */
  scores({ offsets, items }: Histories, size: number): { readonly scores: Float32Array; readonly X: Pattern } {
    const arena = this.#arena;
    const { graph } = this;
    return arena.scoped(() => {
      const X = patternOf(offsets.subarray(0, size + 1), items, graph.items, arena);
      const scores = arena.uncleared(size * graph.items);
      const K = this.#vectors;
      if (K > 0) {
        const spectrum = arena.uncleared(size * K);
        patternTimes(arena, X, { data: this.#left, row: K }, K, spectrum);
        const [Z, V] = [
          { data: spectrum, row: K },
          { data: this.#right, row: K },
        ];
        arenaSgemm(arena, { transB: true }, size, graph.items, K, 1, Z, V, 0, { data: scores, row: graph.items });
      } else scores.fill(0);
      // Last: to add to rows one by one is fast, to add to them a tile at a time is not.
      graph.linear(X, this.#last, scores);
      return { scores, X };
    });
  }

  close(): void {
    this.#arena.close();
  }
}
