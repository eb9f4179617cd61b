import {
  gatheredRows,
  gatherRows,
  scatterRows,
  softmaxPairs,
  type Arena,
  type GatheredRows,
} from '@tandem-rec/compute';
import type { SoftmaxMfOptions } from './softmax-mf.ts';

/** Negatives of a step: a multiple of four. */
export const sampleSize = ({ negatives }: Pick<SoftmaxMfOptions, 'negatives'>): number => Math.ceil(negatives / 4) * 4;

/**
 * Pairs (u, i) and one sample of negatives J, drawn from q, that all of them share:
 *
 *     loss = Σ −ln( e^s(u,i) / (e^s(u,i) + Σ_{j∈J, j≠i} e^(s(u,j) − ln(|J| q_j))) ),     s = cos(w_u, h_i)/τ or ⟨w_u, h_i⟩/τ
 *
 * (Wu et al. 2024, with the correction of Bengio and Senécal 2008: then it estimates a softmax over all
 * items.)
 */
export class SoftmaxLoss {
  readonly users: GatheredRows;
  readonly items: GatheredRows;
  readonly negatives: GatheredRows;
  /** −ln(|J| q_j) of each negative. */
  readonly shifts: Float32Array;
  readonly #arena: Arena;
  readonly #unit: boolean;
  readonly #factor: number;
  readonly #losses: Float32Array;

  /** @param pairs the most of one step */
  constructor(arena: Arena, options: SoftmaxMfOptions, width: number, pairs: number) {
    const drawn = sampleSize(options);
    this.#arena = arena;
    this.#unit = options.similarity === 'cosine';
    this.#factor = 1 / options.temperature;
    [this.users, this.items, this.negatives] = [pairs, pairs, drawn].map((count) => gatheredRows(arena, count, width));
    this.shifts = arena.float32(drawn);
    this.#losses = arena.float32(pairs);
  }

  /**
   * The mean loss of the first `count` pairs, whose rows of W and H and negatives were set; adds the gradients of
   * `weight` times their sum to dW and dH.
   */
  descend(W: Float32Array, H: Float32Array, count: number, weight: number, dW: Float32Array, dH: Float32Array): number {
    const { users, items, negatives, shifts } = this;
    const parts = [
      [users, count, W, dW],
      [items, count, H, dH],
      [negatives, negatives.rows.length, H, dH],
    ] as const;
    for (const [rows, length, table] of parts) gatherRows(this.#arena, table, rows, length, this.#unit);
    const losses = this.#losses;
    softmaxPairs(this.#arena, { users, items, negatives, shifts, factor: this.#factor, weight, losses }, count);
    for (const [rows, length, , gradient] of parts) scatterRows(this.#arena, rows, length, this.#unit, gradient);
    let sum = 0;
    for (let k = 0; k < count; k++) sum += losses[k];
    return sum / count;
  }
}
