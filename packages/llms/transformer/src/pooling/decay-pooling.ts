import { sgemm } from '@tandem-rec/compute';
import type { NamedArray } from '@tandem-rec/contract';
import type { WrittenWeights, Parameter } from '../items/written-weights.ts';
import { addRows } from '../items/add-rows.ts';
import type { Pasts, Pooling } from './pooling.ts';

/** Time constants of the heads at the start, in items. */
const TAUS = [2, 8, 40] as const;
const HEADS = TAUS.length;

/**
 * Learned-decay pooling: `h = h₀ + g · Σ_j A_jᵀ Σ_k softmax(w_j)_k x_k` over the last items, k = 0 the newest. A head's
 * weights start as an exponential decay, `w_jk = −k / τ_j`, and are free to become anything; with fewer items the softmax
 * is over those that are there. Without a past the state is h₀.
 */
export class DecayPooling implements Pooling {
  readonly window: number;
  readonly exactRun: number;
  readonly #dim: number;
  /** `heads × window`. */
  readonly #w: Parameter;
  /** `heads · dim × dim`. */
  readonly #A: Parameter;
  readonly #h0: Parameter;
  readonly #g: Parameter;
  readonly #exp: Float64Array;
  readonly #sums: Float64Array;

  constructor(dim: number, window: number, optimiser: WrittenWeights, learningRate: number) {
    this.#dim = dim;
    this.window = window;
    this.exactRun = window;
    this.#exp = new Float64Array(HEADS * window);
    this.#sums = new Float64Array(HEADS * window);
    this.#w = optimiser.add(
      'pooling:w',
      [HEADS, window],
      learningRate,
      (i) => -(i % window) / TAUS[Math.floor(i / window)],
    );
    this.#A = optimiser.add('pooling:A', [HEADS * dim, dim], learningRate, (i) =>
      Math.floor(i / dim) % dim === i % dim ? 0.5 / HEADS : 0,
    );
    this.#h0 = optimiser.add('pooling:h0', [dim], learningRate, () => 0);
    this.#g = optimiser.add('pooling:g', [1], learningRate, () => 1);
  }

  states(pasts: Pasts): Float32Array {
    return this.#forward(pasts).states;
  }

  train(pasts: Pasts, head: (states: Float32Array) => Float32Array, dVectors: Float32Array): void {
    const { states, contexts } = this.#forward(pasts);
    const dStates = head(states);
    const { size } = pasts;
    const dim = this.#dim;
    const width = HEADS * dim;
    const g = this.#g.value[0];
    addRows(dStates, size, dim, this.#h0.gradient);
    sgemm({ transA: true }, width, dim, size, g, contexts, dStates, 1, this.#A.gradient);
    const dContexts = new Float32Array(size * width);
    sgemm({ transB: true }, size, width, dim, 1, dStates, this.#A.value, 0, dContexts);
    let dg = 0;
    for (let i = 0; i < dContexts.length; i++) {
      dg += dContexts[i] * contexts[i];
      dContexts[i] *= g;
    }
    this.#g.gradient[0] += dg;
    this.#backward(pasts, contexts, dContexts, dVectors);
  }

  save(): readonly NamedArray[] {
    return [];
  }

  load(): void {}

  #forward(pasts: Pasts): { readonly states: Float32Array; readonly contexts: Float32Array } {
    const { size, offsets, items, vectors } = pasts;
    const { window } = this;
    const dim = this.#dim;
    const width = HEADS * dim;
    this.#weigh();
    const [exp, sums] = [this.#exp, this.#sums];
    const contexts = new Float32Array(size * width);
    for (let b = 0; b < size; b++) {
      const length = offsets[b + 1] - offsets[b];
      for (let j = 0; j < HEADS; j++) {
        const c = b * width + j * dim;
        const weights = j * window;
        const scale = 1 / sums[weights + length - 1];
        let k = 0;
        // Four items at a time: a quarter of the traffic with the context.
        for (; k + 4 <= length; k += 4) {
          const from = offsets[b] + k;
          const x0 = items[from] * dim;
          const x1 = items[from + 1] * dim;
          const x2 = items[from + 2] * dim;
          const x3 = items[from + 3] * dim;
          const a0 = scale * exp[weights + k];
          const a1 = scale * exp[weights + k + 1];
          const a2 = scale * exp[weights + k + 2];
          const a3 = scale * exp[weights + k + 3];
          for (let d = 0; d < dim; d++)
            contexts[c + d] +=
              a0 * vectors[x0 + d] + a1 * vectors[x1 + d] + a2 * vectors[x2 + d] + a3 * vectors[x3 + d];
        }
        for (; k < length; k++) {
          const x = items[offsets[b] + k] * dim;
          const a = scale * exp[weights + k];
          for (let d = 0; d < dim; d++) contexts[c + d] += a * vectors[x + d];
        }
      }
    }
    const states = new Float32Array(size * dim);
    for (let b = 0; b < size; b++) states.set(this.#h0.value, b * dim);
    sgemm({}, size, dim, width, this.#g.value[0], contexts, this.#A.value, 1, states);
    return { states, contexts };
  }

  #backward(
    { size, offsets, items, vectors }: Pasts,
    contexts: Float32Array,
    dContexts: Float32Array,
    dVectors: Float32Array,
  ): void {
    const { window } = this;
    const dim = this.#dim;
    const width = HEADS * dim;
    const [exp, sums] = [this.#exp, this.#sums];
    const dw = this.#w.gradient;
    const means = new Float64Array(HEADS);
    for (let b = 0; b < size; b++) {
      const length = offsets[b + 1] - offsets[b];
      if (length === 0) continue;
      const c0 = b * width;
      const c1 = c0 + dim;
      const c2 = c1 + dim;
      // What the softmax takes off: Σ_k a_k ∂/∂a_k = context · ∂/∂context.
      means.fill(0);
      for (let j = 0, at = c0; j < HEADS; j++)
        for (let d = 0; d < dim; d++, at++) means[j] += contexts[at] * dContexts[at];
      const scale0 = 1 / sums[length - 1];
      const scale1 = 1 / sums[window + length - 1];
      const scale2 = 1 / sums[2 * window + length - 1];
      for (let k = 0; k < length; k++) {
        const x = items[offsets[b] + k] * dim;
        const a0 = scale0 * exp[k];
        const a1 = scale1 * exp[window + k];
        const a2 = scale2 * exp[2 * window + k];
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        for (let d = 0; d < dim; d++) {
          const value = vectors[x + d];
          const d0 = dContexts[c0 + d];
          const d1 = dContexts[c1 + d];
          const d2 = dContexts[c2 + d];
          s0 += d0 * value;
          s1 += d1 * value;
          s2 += d2 * value;
          dVectors[x + d] += a0 * d0 + a1 * d1 + a2 * d2;
        }
        dw[k] += a0 * (s0 - means[0]);
        dw[window + k] += a1 * (s1 - means[1]);
        dw[2 * window + k] += a2 * (s2 - means[2]);
      }
    }
  }

  /** e^w and its running sums by head: the softmax over the first L items is e^w_k / sums_L. */
  #weigh(): void {
    const { window } = this;
    const w = this.#w.value;
    for (let j = 0; j < HEADS; j++) {
      let max = -Infinity;
      for (let k = j * window; k < (j + 1) * window; k++) if (w[k] > max) max = w[k];
      let sum = 0;
      for (let k = j * window; k < (j + 1) * window; k++) this.#sums[k] = sum += this.#exp[k] = Math.exp(w[k] - max);
    }
  }
}
