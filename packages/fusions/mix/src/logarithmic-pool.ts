import { logSoftmaxRows } from '@tandem-rec/compute';
import type { Opinions } from '@tandem-rec/contract';
import type { Pool } from './weighted-fusion.ts';

/** What an expert holds impossible counts as this log-probability: one expert has no veto. */
const LEAST = -30;

/** The pool behind `mix`: z = Σ_e weight_e · max(log p_e, −30). */
export class LogarithmicPool implements Pool {
  #fused = new Float32Array(0);
  #beliefs = new Float32Array(0);

  pool({ users, items, experts }: Opinions, weights: Readonly<Record<string, number>>): Float32Array {
    const n = items.length;
    const length = users.size * n;
    if (this.#fused.length < length) {
      this.#fused = new Float32Array(length);
      this.#beliefs = new Float32Array(length);
    }
    const fused = this.#fused.subarray(0, length).fill(0);
    for (const { name, scores } of experts) {
      const weight = weights[name];
      if (weight === 0) continue;
      logSoftmaxRows(scores, users.size, n, 1, this.#beliefs);
      for (let i = 0; i < length; i++) fused[i] += weight * Math.max(this.#beliefs[i], LEAST);
    }
    return fused;
  }
}
