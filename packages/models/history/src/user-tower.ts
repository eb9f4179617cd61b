import { arenaSgemm, poolHistories, poolHistoriesBackward, type Arena, type Pooling } from '@tandem-rec/compute';
import type { FismParameters } from './parameters.ts';
import { arenaRoom } from './scratch.ts';

/**
 * Histories as the tower reads them: row b is `rows[offsets[b] … offsets[b + 1])`, newest first, cut to the tower's
 * positions; each entry is the number of a row of the matrix E handed over with it.
 */
export interface PooledHistories {
  readonly offsets: Int32Array;
  readonly rows: Int32Array;
}

/**
 * The user's state from rows, `B × dim`:
 *
 *     h_b = h0 + P_b + g · Σ_head c_b,head A_head        c_b,head = Σ_k softmax(w_head)_k E[item_b,k]
 *
 * FISM (Kabbur, Ning and Karypis, KDD 2013, eq. 2) pools a history with equal weights, |R_u|^−α; here each head learns
 * how fast the past fades, and the softmax runs over the positions the user has. All arrays are of one arena.
 */
export class UserTower {
  readonly #arena: Arena;
  readonly #parameters: FismParameters;
  /** exp(w), and one over its running sums by head: the softmax over the first L positions is exp(w_k) / sum_L. */
  readonly #exps: Float32Array;
  readonly #inverses: Float32Array;
  #pooled: Float32Array = new Float32Array(0);
  #states: Float32Array = new Float32Array(0);
  #pooledGradient: Float32Array = new Float32Array(0);

  constructor(arena: Arena, parameters: FismParameters) {
    const { heads, positions } = parameters.shape;
    this.#arena = arena;
    this.#parameters = parameters;
    this.#exps = arena.float32(heads * positions);
    this.#inverses = arena.float32(heads * positions);
  }

  /**
   * @param batch B
   * @param P the users' rows, `B × dim`
   * @param E the rows that histories refer to
   * @returns h, `B × dim`, valid until the next call
   */
  forward(batch: number, P: Float32Array, histories: PooledHistories, E: Float32Array): Float32Array {
    const { shape, h0, A, g } = this.#parameters;
    const { dim, heads } = shape;
    const width = heads * dim;
    this.#weigh();
    this.#pooled = arenaRoom(this.#arena, this.#pooled, batch * width);
    const h = (this.#states = arenaRoom(this.#arena, this.#states, batch * dim));
    poolHistories(this.#arena, this.#pooling(batch, histories, E));
    for (let b = 0, at = 0; b < batch; b++) for (let d = 0; d < dim; d++, at++) h[at] = h0[d] + P[at];
    const c = { data: this.#pooled, row: width };
    arenaSgemm(this.#arena, {}, batch, dim, width, g[0], c, { data: A, row: dim }, 1, { data: h, row: dim });
    return h;
  }

  /**
   * Gradients of the last `forward`, given those of h: adds to `gradient` and to `dE` (rows as in E).
   * The gradient of P is `dh` itself.
   */
  backward(
    batch: number,
    dh: Float32Array,
    histories: PooledHistories,
    E: Float32Array,
    gradient: FismParameters,
    dE: Float32Array,
  ): void {
    const { shape, g } = this.#parameters;
    const { dim, heads } = shape;
    const width = heads * dim;
    const c = this.#pooled;
    for (let b = 0, at = 0; b < batch; b++) for (let d = 0; d < dim; d++) gradient.h0[d] += dh[at++];
    const dc = (this.#pooledGradient = arenaRoom(this.#arena, this.#pooledGradient, batch * width));
    const [C, DH, DC] = [
      { data: c, row: width },
      { data: dh, row: dim },
      { data: dc, row: width },
    ];
    const [A, dA] = [this.#parameters, gradient].map(({ A: data }) => ({ data, row: dim }));
    arenaSgemm(this.#arena, { transA: true }, width, dim, batch, g[0], C, DH, 1, dA);
    arenaSgemm(this.#arena, { transB: true }, batch, width, dim, 1, DH, A, 0, DC);
    let dg = 0;
    for (let i = 0; i < batch * width; i++) {
      dg += dc[i] * c[i];
      dc[i] *= g[0];
    }
    gradient.g[0] += dg;
    poolHistoriesBackward(this.#arena, this.#pooling(batch, histories, E), dc, dE, gradient.w);
  }

  #pooling(batch: number, { offsets, rows }: PooledHistories, E: Float32Array): Pooling {
    const exps = this.#exps;
    return { ...this.#parameters.shape, batch, offsets, rows, exps, inverses: this.#inverses, E, c: this.#pooled };
  }

  #weigh(): void {
    const { w, shape } = this.#parameters;
    for (let head = 0; head < shape.heads; head++) {
      const start = head * shape.positions;
      const end = start + shape.positions;
      let largest = -Infinity;
      for (let k = start; k < end; k++) if (w[k] > largest) largest = w[k];
      let sum = 0;
      for (let k = start; k < end; k++) {
        sum += this.#exps[k] = Math.exp(w[k] - largest);
        this.#inverses[k] = 1 / sum;
      }
    }
  }
}
