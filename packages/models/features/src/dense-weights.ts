import type { Rng } from '@tandem-rec/contract';

/** Sizes of what is not kept in shared tables. */
export interface DenseShape {
  /** Features of fields without a table. */
  readonly commonRows: number;
  readonly dim: number;
  /** Width of what the deep part reads: `fields · dim` of the question, and of the item. */
  readonly contextWidth: number;
  readonly itemWidth: number;
  /** Widths of the deep part's layers; none: there is no deep part. */
  readonly hidden: readonly number[];
}

/** A layer a_l = relu(W a_{l−1} + b); W is stored `from × to`. */
interface Layer {
  readonly from: number;
  readonly to: number;
  readonly W: Float32Array;
  readonly b: Float32Array;
}

/** The dense weights by name: views of one vector, or of its gradient. */
export interface DenseWeights {
  readonly vector: Float32Array;
  readonly w0: Float32Array;
  /** Linear weights and factors of the features without a table. */
  readonly w: Float32Array;
  readonly v: Float32Array;
  /** The rows of the first layer's W are those of the question's fields, then those of the item's. */
  readonly layers: readonly Layer[];
  /** From the last layer to the logit. */
  readonly out: Float32Array;
}

/** All zeros. */
export function denseWeights({ commonRows, dim, contextWidth, itemWidth, hidden }: DenseShape): DenseWeights {
  const widths = hidden.map((to, l) => [l === 0 ? contextWidth + itemWidth : hidden[l - 1], to] as const);
  const length =
    1 + commonRows * (dim + 1) + widths.reduce((sum, [from, to]) => sum + (from + 1) * to, 0) + (hidden.at(-1) ?? 0);
  const vector = new Float32Array(length);
  let at = 0;
  const view = (size: number): Float32Array => vector.subarray(at, (at += size));
  return {
    vector,
    w0: view(1),
    w: view(commonRows),
    v: view(commonRows * dim),
    layers: widths.map(([from, to]) => ({ from, to, W: view(from * to), b: view(to) })),
    out: view(hidden.at(-1) ?? 0),
  };
}

/** Factors as they are born in tables; layers as He et al. (2015) say for rectifiers. The rest stays zero. */
export function initialise({ v, layers, out }: DenseWeights, initialStd: number, rng: Rng): void {
  const fill = (into: Float32Array, std: number): void => {
    for (let i = 0; i < into.length; i++) into[i] = std * rng.normal();
  };
  fill(v, initialStd);
  for (const { W, from } of layers) fill(W, Math.sqrt(2 / from));
  fill(out, Math.sqrt(1 / Math.max(1, out.length)));
}
