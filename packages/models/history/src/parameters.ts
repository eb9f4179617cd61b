import type { Arena } from '@tandem-rec/compute';

/** Sizes of the model: width of a row (d), poolings (heads) and positions of the history each of them weighs (K). */
export interface FismShape {
  readonly dim: number;
  readonly heads: number;
  readonly positions: number;
}

/** The dense parameters θ = (h0, A, w, g, γ) as views of one vector in an arena, so that one optimiser follows them all. */
export class FismParameters {
  readonly shape: FismShape;
  readonly vector: Float32Array;
  /** State of a user nobody knows, `dim`. */
  readonly h0: Float32Array;
  /** One map a head, stacked: `heads·dim × dim`. */
  readonly A: Float32Array;
  /** Logits of the pooling weights by position, newest first, `heads × positions`. */
  readonly w: Float32Array;
  /** Scale of the pooled history, one number. */
  readonly g: Float32Array;
  /** Weight of log popularity, one number. */
  readonly gamma: Float32Array;

  constructor(arena: Arena, shape: FismShape) {
    const { dim, heads, positions } = shape;
    const sizes = [dim, heads * dim * dim, heads * positions, 1, 1];
    this.shape = shape;
    this.vector = arena.float32(sizes.reduce((sum, size) => sum + size, 0));
    let end = 0;
    [this.h0, this.A, this.w, this.g, this.gamma] = sizes.map((size) => this.vector.subarray(end, (end += size))) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
  }

  /** h0 = 0, A_head = I / (2 · heads), w_head,k = −k / decay, g = 1. */
  static initial(arena: Arena, shape: FismShape, decays: readonly number[], popularityWeight: number): FismParameters {
    const parameters = new FismParameters(arena, shape);
    const { dim, heads, positions } = shape;
    for (let row = 0; row < heads * dim; row++) parameters.A[row * dim + (row % dim)] = 0.5 / heads;
    for (const [head, decay] of decays.entries())
      for (let k = 0; k < positions; k++) parameters.w[head * positions + k] = -k / decay;
    parameters.g[0] = 1;
    parameters.gamma[0] = popularityWeight;
    return parameters;
  }
}
