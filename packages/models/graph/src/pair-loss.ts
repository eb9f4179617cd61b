import {
  bprPairs,
  gatheredRows,
  gatherRows,
  scatterRows,
  softmaxPairs,
  type Arena,
  type GatheredRows,
} from '@tandem-rec/compute';
import type { Loss } from './loss-options.ts';

/** Pairs that share a sample. */
const BLOCK = 512;

/** Negatives that a pair competes with, a multiple of four where they are shared. */
const sampleOf = (loss: Loss): number => (loss.kind === 'bpr' ? 1 : Math.ceil(loss.negatives / 4) * 4);

const drawnBy = (loss: Loss, pairs: number): number =>
  (loss.kind === 'bpr' ? pairs : Math.ceil(pairs / BLOCK)) * sampleOf(loss);

/** What {@link PairLoss} needs for the vectors of so many pairs. */
export const floatsOfPairs = (loss: Loss, pairs: number, width: number): number =>
  2 * (2 * pairs + drawnBy(loss, pairs)) * width;

/**
 * The loss of pairs (user, item) and its gradient with respect to the rows of F that they and their negatives name.
 *
 * - `bpr`: Σ −ln σ(⟨f_u, f_i⟩ − ⟨f_u, f_j⟩), a negative j for each pair (LightGCN, eq. 15),
 * - `sampled-softmax`: every 512 pairs share a sample of negatives J drawn from q,
 *   Σ −ln( e^s(u,i) / (e^s(u,i) + Σ_{j∈J, j≠i} e^(s(u,j) − ln(|J| q_j))) ), which estimates a softmax over all items
 *   (Bengio and Senécal 2008; without the correction: Wu et al., "On the effectiveness of sampled softmax loss", 2022),
 *   with s = ⟨f_u, f_i⟩/τ, or cos(f_u, f_i)/τ.
 */
export class PairLoss {
  readonly users: GatheredRows;
  readonly items: GatheredRows;
  readonly negatives: GatheredRows;
  /** |J|: negatives that a pair competes with; those of the next 512 pairs follow. */
  readonly sample: number;
  /** −ln(|J| q_j) of each negative of a sampled softmax. */
  readonly shifts: Float32Array;
  readonly #arena: Arena;
  readonly #loss: Loss;
  readonly #losses: Float32Array;

  /** @param pairs the most of one step */
  constructor(arena: Arena, loss: Loss, dim: number, pairs: number) {
    this.#arena = arena;
    this.#loss = loss;
    this.sample = sampleOf(loss);
    const negatives = this.drawn(pairs);
    [this.users, this.items, this.negatives] = [pairs, pairs, negatives].map((count) =>
      gatheredRows(arena, count, dim),
    );
    this.#losses = arena.float32(pairs);
    this.shifts = arena.float32(negatives);
  }

  /** Negatives of so many pairs. */
  drawn(pairs: number): number {
    return drawnBy(this.#loss, pairs);
  }

  /**
   * The mean loss of the first `count` pairs, whose rows and negatives were set; gradients of `weight` times their sum are
   * added to dF unless it is left out.
   */
  descend(F: Float32Array, count: number, weight: number, dF?: Float32Array): number {
    const { users, items, negatives } = this;
    const unit = this.#loss.kind === 'sampled-softmax' && this.#loss.similarity === 'cosine';
    const parts = [
      [users, count],
      [items, count],
      [negatives, this.drawn(count)],
    ] as const;
    for (const [rows, length] of parts) gatherRows(this.#arena, F, rows, length, unit);
    if (this.#loss.kind === 'bpr')
      bprPairs(this.#arena, { users, items, negatives, factor: 1, weight, losses: this.#losses }, count);
    else for (let from = 0; from < count; from += BLOCK) this.#softmax(from, Math.min(count, from + BLOCK), weight);
    if (dF) for (const [rows, length] of parts) scatterRows(this.#arena, rows, length, unit, dF);
    let sum = 0;
    for (let b = 0; b < count; b++) sum += this.#losses[b];
    return sum / count;
  }

  #softmax(from: number, to: number, weight: number): void {
    const first = (from / BLOCK) * this.sample;
    const end = first + this.sample;
    const [users, items] = [this.users, this.items].map((rows) => part(rows, from, to));
    const negatives = part(this.negatives, first, end);
    const shifts = this.shifts.subarray(first, end);
    const losses = this.#losses.subarray(from, to);
    const factor = 1 / (this.#loss.kind === 'bpr' ? 1 : this.#loss.temperature);
    softmaxPairs(this.#arena, { users, items, negatives, shifts, factor, weight, losses }, to - from);
  }
}

/** Rows `from … to - 1` of those gathered, in place. */
function part({ rows, values, gradients, inverses, dim }: GatheredRows, from: number, to: number): GatheredRows {
  return {
    rows: rows.subarray(from, to),
    values: values.subarray(from * dim, to * dim),
    gradients: gradients.subarray(from * dim, to * dim),
    inverses: inverses.subarray(from, to),
    dim,
  };
}
