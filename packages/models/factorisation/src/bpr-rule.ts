import { rankPairs } from '@tandem-rec/compute';
import type { Batch, FitRun, Rng } from '@tandem-rec/contract';
import type { BprOptions } from './bpr.ts';
import { hasMet, type PairRule } from './pair-rule.ts';
import type { FactorTables, PairwisePass, PairwiseSetting } from './pairwise-batch.ts';

/** Draws of a negative before a user is taken to have met nearly everything. */
const TRIES = 16;

/**
 * For a user u, an item i they met and one j they did not (eq. in section 4.3.1, with bias):
 *
 *     x_uij = ⟨w_u, h_i − h_j⟩ + b_i − b_j
 *     loss  = −ln σ(x_uij) + λ/2 ‖Θ‖²                      (BPR-Opt, section 4.1, as a loss)
 *
 * Gradients of a step are summed over its samples: each sample moves its rows by a full step of `learningRate` as in
 * LearnBPR (figure 4), only that the samples of a batch start from the same rows. `fit` is LearnBPR itself.
 */
export class BprRule implements PairRule {
  readonly #options: BprOptions;

  constructor(options: BprOptions) {
    this.#options = options;
  }

  get regularisation(): number {
    return this.#options.regularisation;
  }

  get negatives(): number {
    return this.#options.negatives;
  }

  draw(batch: Batch, { item }: FactorTables, rng: Rng, into: Int32Array): void {
    const { negatives } = this;
    for (let sample = 0; sample < batch.size * negatives; sample++) {
      const b = Math.floor(sample / negatives);
      into[sample] = batch.items[b];
      for (let attempt = 0; attempt < TRIES && into[sample] === batch.items[b]; attempt++) {
        const drawn = rng.int(item.rows);
        if (!hasMet(batch, b, drawn)) into[sample] = drawn;
      }
    }
  }

  loss(x: number): number {
    return x > 0 ? Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)) - x;
  }

  slope(x: number): number {
    return 1 / (1 + Math.exp(x));
  }

  begin({ arena, data, rows }: PairwiseSetting, { epochs }: FitRun): PairwisePass {
    const { fit, regularisation } = this.#options;
    return (epoch) => {
      const rate = fit.learningRate * (fit.decay === 'linear' ? 1 - (epoch - 1) / epochs : 1);
      return rankPairs(arena, data, rows, {
        samples: data.items.length,
        byUser: fit.sampling === 'user',
        rate,
        biasRate: fit.bias ? rate : 0,
        regularisation,
      });
    };
  }
}
