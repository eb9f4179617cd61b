import type { Opinions, Scores } from '@tandem-rec/contract';
import type { RankMixOptions } from './rank-mix.ts';
import type { Pool } from './weighted-fusion.ts';

/**
 * The pool behind `rankMix`: z = log Σ_e weight_e · worth(rank_e), where an expert's rank of an item is the number of
 * items that it likes better (equals share a rank), and what it excludes is worth nothing. The logarithm makes logits:
 * their softmax is in proportion to the worth.
 */
export class RankPool implements Pool {
  readonly #options: Pick<RankMixOptions, 'by' | 'smoothing'>;
  #fused = new Float32Array(0);
  #sorted = new Float32Array(0);

  constructor(options: Pick<RankMixOptions, 'by' | 'smoothing'>) {
    this.#options = options;
  }

  pool({ users, items, experts }: Opinions, weights: Readonly<Record<string, number>>): Float32Array {
    const n = items.length;
    const length = users.size * n;
    if (this.#fused.length < length) this.#fused = new Float32Array(length);
    if (this.#sorted.length < n) this.#sorted = new Float32Array(n);
    const fused = this.#fused.subarray(0, length).fill(0);
    const worth = this.#worths(n);
    for (const { name, scores } of experts) {
      const weight = weights[name];
      if (weight > 0) for (let row = 0; row < length; row += n) this.#add(fused, scores, row, row + n, weight, worth);
    }
    // Below what the last rank of the least heard is worth, and finite: only what all exclude is impossible.
    for (let i = 0; i < length; i++) fused[i] = Math.max(Math.log(fused[i]), LEAST);
    return fused;
  }

  #worths(n: number): Float32Array {
    const { by, smoothing } = this.#options;
    return Float32Array.from({ length: n }, (_, rank) =>
      by === 'borda' ? (n - rank) / n : 1 / (smoothing + rank + 1),
    );
  }

  #add(fused: Float32Array, scores: Scores, from: number, to: number, weight: number, worth: Float32Array): void {
    const sorted = this.#sorted.subarray(0, to - from);
    sorted.set(scores.subarray(from, to));
    sorted.sort();
    for (let i = from; i < to; i++)
      if (scores[i] !== -Infinity) fused[i] += weight * worth[sorted.length - firstAbove(sorted, scores[i])];
  }
}

const LEAST = -60;

/** Position of the first value of an ascending array that is greater. */
function firstAbove(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
