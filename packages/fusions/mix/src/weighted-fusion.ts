import { EMPTY_STATE, type Fusion, type Opinions, type Role, type Scores, type State } from '@tandem-rec/contract';
import { expertWeights } from './expert-weights.ts';

/** How opinions become one when every expert has a weight. */
export interface Pool {
  /** Scores, `users × items`: the caller may change them, the next call does. Experts of weight 0 are not heard. */
  pool(opinions: Opinions, weights: Readonly<Record<string, number>>): Float32Array;
}

/** A fusion whose weights are fixed: it learns nothing. Items that every expert excludes are excluded. */
export class WeightedFusion implements Fusion {
  readonly #given: Readonly<Record<string, number>> | undefined;
  readonly #name: string;
  readonly #pool: Pool;
  #weights: Readonly<Record<string, number>> = {};

  /**
   * @param weights by the experts' names; none: all the same
   * @param name of this fusion in the composition, for messages
   */
  constructor(weights: Readonly<Record<string, number>> | undefined, name: string, pool: Pool) {
    this.#given = weights;
    this.#name = name;
    this.#pool = pool;
  }

  /** Throws `TANDEM_CONFIG_WRONG_VALUE` if a weight names no expert. */
  attach(experts: readonly { readonly name: string; readonly role: Role }[]): void {
    this.#weights = expertWeights(this.#given, experts, this.#name);
  }

  fuse(opinions: Opinions): Scores {
    const fused = this.#pool.pool(opinions, this.#weights);
    const [first, ...others] = opinions.experts;
    for (let i = 0; i < fused.length; i++)
      if (first.scores[i] === -Infinity && others.every(({ scores }) => scores[i] === -Infinity)) fused[i] = -Infinity;
    return fused;
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
