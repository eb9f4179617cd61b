import { EMPTY_STATE, type Fusion, type Opinions, type Role, type Scores, type State } from '@tandem-rec/contract';
import { excludeWhatAllExclude, expertWeights } from './expert-weights.ts';
import type { RankMixOptions } from './rank-mix.ts';

/**
 * The fusion behind `rankMix`: z = log Σ_e weight_e · worth(rank_e), where an expert's rank of an item is the number of
 * items that it likes better (equals share a rank), and what it excludes is worth nothing. The logarithm makes logits:
 * their softmax is in proportion to the worth. Items that every expert excludes are excluded.
 */
export class RankMixFusion implements Fusion {
  readonly #options: RankMixOptions;
  readonly #name: string;
  #weights: Readonly<Record<string, number>> = {};
  #fused = new Float32Array(0);
  #sorted = new Float32Array(0);

  /** @param name of this fusion in the composition, for messages */
  constructor(options: RankMixOptions, name: string) {
    this.#options = options;
    this.#name = name;
  }

  /** Throws `TANDEM_CONFIG_WRONG_VALUE` if a weight names no expert. */
  attach(experts: readonly { readonly name: string; readonly role: Role }[]): void {
    this.#weights = expertWeights(this.#options.weights, experts, this.#name);
  }

  fuse(opinions: Opinions): Scores {
    const { users, items, experts } = opinions;
    const n = items.length;
    const length = users.size * n;
    if (this.#fused.length < length) this.#fused = new Float32Array(length);
    if (this.#sorted.length < n) this.#sorted = new Float32Array(n);
    const fused = this.#fused.subarray(0, length).fill(0);
    const worth = this.#worths(n);
    for (const { name, scores } of experts) {
      const weight = this.#weights[name];
      if (weight > 0) for (let row = 0; row < length; row += n) this.#add(fused, scores, row, row + n, weight, worth);
    }
    // Below what the last rank of the least heard is worth, and finite: only what all exclude is impossible.
    for (let i = 0; i < length; i++) fused[i] = Math.max(Math.log(fused[i]), LEAST);
    excludeWhatAllExclude(fused, opinions);
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

  /** The weights. */
  explain(): Readonly<Record<string, unknown>> {
    return { weights: this.#weights };
  }

  save(): State {
    return EMPTY_STATE;
  }

  load(): void {}
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
