import { sgemm } from '@tandem-rec/compute';
import type { Candidates, GrantedTable, Scores } from '@tandem-rec/contract';
import { Gathered } from './gathered.ts';
import { normaliseRows } from './normalise-rows.ts';

/** Scores scale · ⟨w_u, h_i⟩ + b_i of candidates, rows h of length one where `unit`. Memory grows to the largest request and stays. */
export class DotScores {
  readonly #items = new Gathered();
  readonly #biases = new Gathered();
  #scores = new Float32Array(0);

  /** @param W one row a user, `users × dim` */
  score(
    W: Float32Array,
    users: number,
    candidates: Candidates,
    itemTable: GrantedTable,
    {
      biasTable,
      scale = 1,
      unit = false,
    }: { readonly biasTable?: GrantedTable; readonly scale?: number; readonly unit?: boolean },
  ): Scores {
    const { items } = candidates;
    const { dim } = itemTable;
    const n = items.length;
    this.#items.gather(itemTable, items);
    const H = this.#items.values;
    if (unit) normaliseRows(H, n, dim);
    const length = candidates.kind === 'shared' ? users * n : n;
    if (this.#scores.length < length) this.#scores = new Float32Array(length);
    const scores = this.#scores.subarray(0, length);
    if (biasTable) {
      this.#biases.gather(biasTable, items);
      for (let at = 0; at < length; at += n) scores.set(this.#biases.values.subarray(0, n), at);
    } else scores.fill(0);
    if (candidates.kind === 'shared') sgemm({ transB: true }, users, n, dim, scale, W, H, 1, scores);
    else
      for (let b = 0; b < users; b++)
        for (let i = candidates.offsets[b]; i < candidates.offsets[b + 1]; i++)
          scores[i] += scale * dot(W, b * dim, H, i * dim, dim);
    return scores;
  }
}

function dot(a: Float32Array, from: number, b: Float32Array, at: number, length: number): number {
  let sum = 0;
  for (let d = 0; d < length; d++) sum += a[from + d] * b[at + d];
  return sum;
}
