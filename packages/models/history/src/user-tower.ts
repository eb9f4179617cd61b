import { sgemm } from '@tandem-rec/compute';
import type { FismParameters } from './parameters.ts';
import { room } from './scratch.ts';

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
 * how fast the past fades, and the softmax runs over the positions the user has.
 */
export class UserTower {
  readonly #parameters: FismParameters;
  /** exp(w) and its running sums by head: the softmax over the first L positions is exp(w_k) / sums_L. */
  readonly #exp: Float64Array;
  readonly #sums: Float64Array;
  #batch = 0;
  #pooled = new Float32Array(0);
  #states = new Float32Array(0);
  #pooledGradient = new Float32Array(0);

  constructor(parameters: FismParameters) {
    const { heads, positions } = parameters.shape;
    this.#parameters = parameters;
    this.#exp = new Float64Array(heads * positions);
    this.#sums = new Float64Array(heads * positions);
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
    this.#batch = batch;
    this.#weigh();
    const c = (this.#pooled = room(this.#pooled, batch * width));
    const h = (this.#states = room(this.#states, batch * dim));
    c.fill(0, 0, batch * width);
    for (let b = 0; b < batch; b++) this.#pool(b, histories, E, c);
    for (let b = 0, at = 0; b < batch; b++) for (let d = 0; d < dim; d++, at++) h[at] = h0[d] + P[at];
    sgemm({}, batch, dim, width, g[0], c, A, 1, h);
    return h;
  }

  /**
   * Gradients of the last `forward`, given those of h: adds to `gradient` and to `dE` (rows as in E).
   * The gradient of P is `dh` itself.
   */
  backward(
    dh: Float32Array,
    histories: PooledHistories,
    E: Float32Array,
    gradient: FismParameters,
    dE: Float32Array,
  ): void {
    const { shape, A, g } = this.#parameters;
    const { dim, heads } = shape;
    const width = heads * dim;
    const c = this.#pooled;
    for (let b = 0, at = 0; b < this.#batch; b++) for (let d = 0; d < dim; d++) gradient.h0[d] += dh[at++];
    sgemm({ transA: true }, width, dim, this.#batch, g[0], c, dh, 1, gradient.A);

    const dc = (this.#pooledGradient = room(this.#pooledGradient, this.#batch * width));
    sgemm({ transB: true }, this.#batch, width, dim, 1, dh, A, 0, dc);
    let dg = 0;
    for (let i = 0; i < this.#batch * width; i++) {
      dg += dc[i] * c[i];
      dc[i] *= g[0];
    }
    gradient.g[0] += dg;
    for (let b = 0; b < this.#batch; b++) this.#poolBackward(b, histories, E, gradient.w, dE);
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
        this.#exp[k] = Math.exp(w[k] - largest);
        this.#sums[k] = sum += this.#exp[k];
      }
    }
  }

  #pool(b: number, { offsets, rows }: PooledHistories, E: Float32Array, c: Float32Array): void {
    const { dim, heads, positions } = this.#parameters.shape;
    const start = offsets[b];
    const length = offsets[b + 1] - start;
    for (let head = 0; head < heads; head++) {
      const weights = head * positions;
      const scale = 1 / this.#sums[weights + length - 1];
      const to = (b * heads + head) * dim;
      // Four rows at a time: a quarter of the traffic with c.
      let k = 0;
      for (; k + 4 <= length; k += 4) {
        const [e0, e1, e2, e3] = [
          rows[start + k] * dim,
          rows[start + k + 1] * dim,
          rows[start + k + 2] * dim,
          rows[start + k + 3] * dim,
        ];
        const w0 = this.#exp[weights + k] * scale;
        const w1 = this.#exp[weights + k + 1] * scale;
        const w2 = this.#exp[weights + k + 2] * scale;
        const w3 = this.#exp[weights + k + 3] * scale;
        for (let d = 0; d < dim; d++) c[to + d] += w0 * E[e0 + d] + w1 * E[e1 + d] + w2 * E[e2 + d] + w3 * E[e3 + d];
      }
      for (; k < length; k++) {
        const weight = this.#exp[weights + k] * scale;
        const from = rows[start + k] * dim;
        for (let d = 0; d < dim; d++) c[to + d] += weight * E[from + d];
      }
    }
  }

  #poolBackward(
    b: number,
    { offsets, rows }: PooledHistories,
    E: Float32Array,
    dw: Float32Array,
    dE: Float32Array,
  ): void {
    const { dim, heads, positions } = this.#parameters.shape;
    const c = this.#pooled;
    const dc = this.#pooledGradient;
    const start = offsets[b];
    const length = offsets[b + 1] - start;
    for (let head = 0; head < heads; head++) {
      const at = (b * heads + head) * dim;
      const scale = 1 / this.#sums[head * positions + length - 1];
      let mean = 0;
      for (let d = 0; d < dim; d++) mean += dc[at + d] * c[at + d];
      for (let k = 0; k < length; k++) {
        const weight = this.#exp[head * positions + k] * scale;
        const row = rows[start + k] * dim;
        let dot = 0;
        for (let d = 0; d < dim; d++) {
          const upstream = dc[at + d];
          dot += upstream * E[row + d];
          dE[row + d] += weight * upstream;
        }
        dw[head * positions + k] += weight * (dot - mean);
      }
    }
  }
}
