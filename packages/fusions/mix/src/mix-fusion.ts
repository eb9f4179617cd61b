import { logSoftmaxRows } from '@tandem-rec/compute';
import { EMPTY_STATE, type Fusion, type Opinions, type Role, type Scores, type State } from '@tandem-rec/contract';
import { excludeWhatAllExclude, expertWeights } from './expert-weights.ts';
import type { MixOptions } from './mix.ts';

/** What an expert holds impossible counts as this log-probability: one expert has no veto. */
const LEAST = -30;

/** The fusion behind `mix`: z = Σ_e weight_e · max(log p_e, −30). Items that every expert excludes are excluded. */
export class MixFusion implements Fusion {
  readonly #options: MixOptions;
  readonly #name: string;
  #weights: Readonly<Record<string, number>> = {};
  #fused = new Float32Array(0);
  #beliefs = new Float32Array(0);

  /** @param name of this fusion in the composition, for messages */
  constructor(options: MixOptions, name: string) {
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
    if (this.#fused.length < length) {
      this.#fused = new Float32Array(length);
      this.#beliefs = new Float32Array(length);
    }
    const fused = this.#fused.fill(0, 0, length);
    for (const { name, scores } of experts) {
      const weight = this.#weights[name];
      if (weight === 0) continue;
      logSoftmaxRows(scores, users.size, n, 1, this.#beliefs);
      for (let i = 0; i < length; i++) fused[i] += weight * Math.max(this.#beliefs[i], LEAST);
    }
    excludeWhatAllExclude(fused, opinions);
    return fused.subarray(0, length);
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
