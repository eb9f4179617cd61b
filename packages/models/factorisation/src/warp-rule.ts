import { warpPairs, shuffle } from '@tandem-rec/compute';
import type { Batch, FitRun, Rng } from '@tandem-rec/contract';
import { Gathered } from './gathered.ts';
import { hasMet, type PairRule } from './pair-rule.ts';
import type { FactorTables, PairwisePass, PairwiseSetting } from './pairwise-batch.ts';
import type { WarpOptions } from './warp.ts';

/**
 * For a met item i unmet ones are drawn until one, j, violates the margin, x_uij = ⟨w_u, h_i − h_j⟩ + b_i − b_j < 1; N draws
 * suggest that ⌊(|I| − 1) / N⌋ items rank before i (Weston et al. 2011, section 4):
 *
 *     loss = L(⌊(|I| − 1) / N⌋) · max(0, 1 − x_uij) + λ/2 ‖Θ‖²,     L(k) = ln max(1, k) ≈ Σ_{m ≤ k} 1/m
 */
export class WarpRule implements PairRule {
  readonly negatives = 1;
  readonly #options: WarpOptions;
  readonly #users = new Gathered();
  readonly #items = new Gathered();
  readonly #biases = new Gathered();
  /** Of the samples of the last draw. */
  #weights = new Float64Array(0);

  constructor(options: WarpOptions) {
    this.#options = options;
  }

  get regularisation(): number {
    return this.#options.regularisation;
  }

  draw(batch: Batch, { user, item, itemBias }: FactorTables, rng: Rng, into: Int32Array): void {
    const { draws } = this.#options;
    const { size, items } = batch;
    const width = draws + 1;
    const rows = this.#items.reserve(size * width);
    for (let b = 0; b < size; b++) {
      rows[b * width] = items[b];
      for (let n = 1; n < width; n++) rows[b * width + n] = rng.int(item.rows);
    }
    this.#users.gather(user, batch.users.subarray(0, size));
    this.#items.gather(item, rows);
    this.#biases.gather(itemBias, rows);
    if (this.#weights.length < size) this.#weights = new Float64Array(size);
    for (let b = 0; b < size; b++) {
      into[b] = items[b];
      this.#weights[b] = 0;
      const positive = this.#score(b, b * width);
      for (let n = 1; n < width; n++) {
        const j = rows[b * width + n];
        if (positive - this.#score(b, b * width + n) >= 1 || hasMet(batch, b, j)) continue;
        into[b] = j;
        this.#weights[b] = rankWeight(item.rows, n);
        break;
      }
    }
  }

  loss(x: number, sample: number): number {
    return this.#weights[sample] * Math.max(0, 1 - x);
  }

  slope(x: number, sample: number): number {
    return x < 1 ? this.#weights[sample] : 0;
  }

  begin({ arena, data, rows }: PairwiseSetting, _run: FitRun, rng: Rng): PairwisePass {
    const { draws, learningRate: rate, regularisation } = this.#options;
    const sums = {
      w: arena.float32(rows.w.length).fill(1),
      h: arena.float32(rows.h.length).fill(1),
      bias: arena.float32(rows.bias.length).fill(1),
    };
    const weights = arena.float32(draws);
    for (let n = 1; n <= draws; n++) weights[n - 1] = rankWeight(data.itemCount, n);
    const order = arena.int32(data.items.length);
    for (let k = 0; k < order.length; k++) order[k] = k;
    return () => {
      shuffle(order, rng);
      return warpPairs(arena, data, rows, sums, { order, weights, rate, regularisation });
    };
  }

  #score(b: number, at: number): number {
    const { dim } = this.#options;
    const [w, h] = [this.#users.values, this.#items.values];
    let x = this.#biases.values[at];
    for (let d = 0; d < dim; d++) x += w[b * dim + d] * h[at * dim + d];
    return x;
  }
}

/** L(⌊(items − 1) / n⌋). */
const rankWeight = (items: number, n: number): number => Math.log(Math.max(1, Math.floor((items - 1) / n)));
