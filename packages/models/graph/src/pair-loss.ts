import {
  arenaSgemm,
  bprPairs,
  gatheredRows,
  gatherRows,
  sampledSoftmax,
  scatterRows,
  type Arena,
  type GatheredRows,
} from '@tandem-rec/compute';
import type { Loss } from './loss-options.ts';

/** Pairs whose scores are held at a time: 512 × 1024 floats stay in the second and third level of the cache. */
const BLOCK = 512;

/**
 * The loss of pairs (user, item) and its gradient with respect to the rows of F that they and their negatives name.
 *
 * - `bpr`: Σ −ln σ(⟨f_u, f_i⟩ − ⟨f_u, f_j⟩), a negative j for each pair (LightGCN, eq. 15),
 * - `sampled-softmax`: all pairs share one sample of negatives J drawn from q,
 *   Σ −ln( e^s(u,i) / (e^s(u,i) + Σ_{j∈J, j≠i} e^(s(u,j) − ln(|J| q_j))) ), which estimates a softmax over all items
 *   (Bengio and Senécal 2008; without the correction: Wu et al., "On the effectiveness of sampled softmax loss", 2022),
 *   with s = ⟨f_u, f_i⟩/τ, or cos(f_u, f_i)/τ.
 */
export class PairLoss {
  readonly users: GatheredRows;
  readonly items: GatheredRows;
  readonly negatives: GatheredRows;
  /** −ln(|J| q_j) of each negative of a sampled softmax. */
  readonly shifts: Float32Array;
  readonly #arena: Arena;
  readonly #loss: Loss;
  readonly #losses: Float32Array;
  readonly #scores: Float32Array;

  /**
   * @param pairs the most of one step
   * @param negatives of one step: as many as pairs for `bpr`, else a multiple of four
   */
  constructor(arena: Arena, loss: Loss, dim: number, pairs: number, negatives: number) {
    this.#arena = arena;
    this.#loss = loss;
    [this.users, this.items, this.negatives] = [pairs, pairs, negatives].map((count) =>
      gatheredRows(arena, count, dim),
    );
    this.#losses = arena.float32(pairs);
    this.shifts = arena.float32(negatives);
    this.#scores = arena.float32(loss.kind === 'bpr' ? 0 : Math.min(BLOCK, pairs) * negatives);
  }

  /**
   * The mean loss of the first `count` pairs, whose rows and negatives were set; gradients of `weight` times their sum are
   * added to dF unless it is left out.
   */
  descend(F: Float32Array, count: number, weight: number, dF?: Float32Array): number {
    const { users, items, negatives } = this;
    const unit = this.#loss.kind === 'sampled-softmax' && this.#loss.similarity === 'cosine';
    const drawn = this.#loss.kind === 'bpr' ? count : negatives.rows.length;
    const parts = [
      [users, count],
      [items, count],
      [negatives, drawn],
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
    const { users, items, negatives, shifts } = this;
    const { dim } = users;
    const count = negatives.rows.length;
    const factor = 1 / (this.#loss.kind === 'bpr' ? 1 : this.#loss.temperature);
    const at = from * dim;
    const U = { data: users.values, row: dim, at };
    const N = { data: negatives.values, row: dim };
    const S = { data: this.#scores, row: count };
    const size = to - from;
    arenaSgemm(this.#arena, { transB: true }, size, count, dim, 1, U, N, 0, S);
    const pairs = { users, items, negatives, count, shifts, scores: S.data, factor, weight, losses: this.#losses };
    sampledSoftmax(this.#arena, pairs, from, to);
    arenaSgemm(this.#arena, {}, size, dim, count, 1, S, N, 1, { data: users.gradients, row: dim, at });
    const dN = { data: negatives.gradients, row: dim };
    arenaSgemm(this.#arena, { transA: true }, count, dim, size, 1, S, U, from === 0 ? 0 : 1, dN);
  }
}
