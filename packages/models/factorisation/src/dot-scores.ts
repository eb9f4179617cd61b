import { grown, InnerProducts, isWhole, rescaleRows } from '@tandem-rec/compute';
import type { Candidates, GrantedTable, Scores } from '@tandem-rec/contract';
import { Gathered } from './gathered.ts';

/**
 * Scores scale · ⟨w_u, h_i⟩ + b_i of candidates, rows h scaled to their length to the power of `lengths`. Memory grows to
 * the largest request and stays.
 */
export class DotScores {
  readonly #products = new InnerProducts();
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
      lengths = 1,
    }: { readonly biasTable?: GrantedTable; readonly scale?: number; readonly lengths?: number },
  ): Scores {
    const { items } = candidates;
    const { dim } = itemTable;
    const n = items.length;
    if (candidates.kind === 'shared')
      return this.#products.score(
        W,
        users,
        {
          count: n,
          dim,
          read: (into) => {
            readRows(itemTable, candidates, into);
            if (lengths !== 1) rescaleRows(into, n, dim, lengths);
          },
          ...(biasTable && { readBiases: (into) => readRows(biasTable, candidates, into) }),
        },
        scale,
      );
    this.#items.gather(itemTable, items);
    const H = this.#items.values;
    if (lengths !== 1) rescaleRows(H, n, dim, lengths);
    this.#scores = grown(this.#scores, n);
    const scores = this.#scores.subarray(0, n);
    if (biasTable) {
      this.#biases.gather(biasTable, items);
      scores.set(this.#biases.values.subarray(0, n));
    } else scores.fill(0);
    for (let b = 0; b < users; b++)
      for (let i = candidates.offsets[b]; i < candidates.offsets[b + 1]; i++)
        scores[i] += scale * dot(W, b * dim, H, i * dim, dim);
    return scores;
  }
}

/** A whole table is copied faster than its rows one by one. */
function readRows(table: GrantedTable, candidates: Candidates, into: Float32Array): void {
  if (isWhole(candidates, table.rows)) table.copy(table.rows, into);
  else table.gather(candidates.items, into);
}

function dot(a: Float32Array, from: number, b: Float32Array, at: number, length: number): number {
  let sum = 0;
  for (let d = 0; d < length; d++) sum += a[from + d] * b[at + d];
  return sum;
}
