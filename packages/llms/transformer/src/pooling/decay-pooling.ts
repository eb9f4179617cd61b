import { sgemm } from '@tandem-rec/compute';
import type { NamedArray } from '@tandem-rec/contract';
import type { AdamW, Parameter } from '../items/adam-w.ts';
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
  readonly #dim: number;
  /** `heads × window`. */
  readonly #w: Parameter;
  /** `heads · dim × dim`. */
  readonly #A: Parameter;
  readonly #h0: Parameter;
  readonly #g: Parameter;

  constructor(dim: number, window: number, optimiser: AdamW, learningRate: number) {
    this.#dim = dim;
    this.window = window;
    this.#w = optimiser.add('pooling:w', [HEADS, window], learningRate, (i) => -(i % window) / TAUS[Math.floor(i / window)]);
    this.#A = optimiser.add('pooling:A', [HEADS * dim, dim], learningRate, (i) => (Math.floor(i / dim) % dim === i % dim ? 0.5 / HEADS : 0));
    this.#h0 = optimiser.add('pooling:h0', [dim], learningRate, () => 0);
    this.#g = optimiser.add('pooling:g', [1], learningRate, () => 1);
  }

  states(pasts: Pasts): Float32Array {
    return this.#forward(pasts).states;
  }

  train(pasts: Pasts, head: (states: Float32Array) => Float32Array, dVectors: Float32Array): void {
    const { states, contexts, weights } = this.#forward(pasts);
    const dStates = head(states);
    const { size } = pasts;
    const dim = this.#dim;
    const width = HEADS * dim;
    const g = this.#g.value[0];
    const dh0 = this.#h0.gradient;
    const pooled = new Float32Array(size * dim);
    sgemm({}, size, dim, width, 1, contexts, this.#A.value, 0, pooled);
    let dg = 0;
    for (let i = 0; i < pooled.length; i++) {
      dh0[i % dim] += dStates[i];
      dg += dStates[i] * pooled[i];
    }
    this.#g.gradient[0] += dg;
    sgemm({ transA: true }, width, dim, size, g, contexts, dStates, 1, this.#A.gradient);
    const dContexts = new Float32Array(size * width);
    sgemm({ transB: true }, size, width, dim, g, dStates, this.#A.value, 0, dContexts);
    this.#backward(pasts, weights, dContexts, dVectors);
  }

  save(): readonly NamedArray[] {
    return [];
  }

  load(): void {}

  #forward(pasts: Pasts): { readonly states: Float32Array; readonly contexts: Float32Array; readonly weights: readonly Float32Array[] } {
    const { size, offsets, items, vectors } = pasts;
    const dim = this.#dim;
    const width = HEADS * dim;
    const weights = this.#weights();
    const contexts = new Float32Array(size * width);
    for (let b = 0; b < size; b++) {
      const length = offsets[b + 1] - offsets[b];
      const a = weights[length];
      const c0 = b * width;
      const c1 = c0 + dim;
      const c2 = c1 + dim;
      for (let k = 0; k < length; k++) {
        const x = items[offsets[b] + k] * dim;
        const a0 = a[k];
        const a1 = a[length + k];
        const a2 = a[2 * length + k];
        for (let d = 0; d < dim; d++) {
          const value = vectors[x + d];
          contexts[c0 + d] += a0 * value;
          contexts[c1 + d] += a1 * value;
          contexts[c2 + d] += a2 * value;
        }
      }
    }
    const states = new Float32Array(size * dim);
    for (let b = 0; b < size; b++) states.set(this.#h0.value, b * dim);
    sgemm({}, size, dim, width, this.#g.value[0], contexts, this.#A.value, 1, states);
    return { states, contexts, weights };
  }

  #backward({ size, offsets, items, vectors }: Pasts, weights: readonly Float32Array[], dContexts: Float32Array, dVectors: Float32Array): void {
    const dim = this.#dim;
    const width = HEADS * dim;
    const dWeights = weights.map((a) => new Float64Array(a.length));
    for (let b = 0; b < size; b++) {
      const length = offsets[b + 1] - offsets[b];
      const a = weights[length];
      const da = dWeights[length];
      const c0 = b * width;
      const c1 = c0 + dim;
      const c2 = c1 + dim;
      for (let k = 0; k < length; k++) {
        const x = items[offsets[b] + k] * dim;
        const a0 = a[k];
        const a1 = a[length + k];
        const a2 = a[2 * length + k];
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
        da[k] += s0;
        da[length + k] += s1;
        da[2 * length + k] += s2;
      }
    }
    for (let length = 1; length < weights.length; length++) this.#softmaxBackward(weights[length], dWeights[length], length);
  }

  #softmaxBackward(a: Float32Array, da: Float64Array, length: number): void {
    for (let j = 0; j < HEADS; j++) {
      let mean = 0;
      for (let k = 0; k < length; k++) mean += a[j * length + k] * da[j * length + k];
      for (let k = 0; k < length; k++) this.#w.gradient[j * this.window + k] += a[j * length + k] * (da[j * length + k] - mean);
    }
  }

  /** For each length of a past the heads' weights, `heads × length`: they depend on nothing else. */
  #weights(): readonly Float32Array[] {
    const { window } = this;
    const w = this.#w.value;
    return Array.from({ length: window + 1 }, (_, length) => {
      const a = new Float32Array(HEADS * length);
      for (let j = 0; j < HEADS; j++) {
        let max = -Infinity;
        for (let k = 0; k < length; k++) max = Math.max(max, w[j * window + k]);
        let sum = 0;
        for (let k = 0; k < length; k++) sum += Math.exp(w[j * window + k] - max);
        for (let k = 0; k < length; k++) a[j * length + k] = Math.exp(w[j * window + k] - max) / sum;
      }
      return a;
    });
  }
}
