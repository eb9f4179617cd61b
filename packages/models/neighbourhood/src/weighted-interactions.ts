import type { Timelines } from '@tandem-rec/contract';
import { transposedRows, type SparseRows } from '@tandem-rec/compute';

/** How the entries of the matrix users × items are weighted before rows are compared. */
export type Weighting =
  { readonly kind: 'cosine' } | { readonly kind: 'bm25'; readonly k1: number; readonly b: number };

/** The weighted matrix, its transpose, and how often each item was met. */
export interface WeightedInteractions {
  readonly byUser: SparseRows;
  readonly byItem: SparseRows;
  readonly counts: Float32Array;
}

/**
 * W from X, where x_u,i counts the events of user u with item i, as the library implicit weights it:
 *
 *     cosine  w_u,i = x_u,i / ‖x_·,i‖
 *     bm25    w_u,i = x_u,i (K1 + 1) / (K1 (1 − B + B l_i / l̄) + x_u,i) · |ln N − ln(1 + n_u)|
 *
 * with N items, n_u different items of the user, l_i events of the item and l̄ their mean: BM25 (Robertson and Walker, SIGIR
 * 1994) with items as documents and users as words. The sign of the last factor is lost in products of one user's entries.
 */
export function weightedInteractions(
  { offsets, items }: Pick<Timelines, 'offsets' | 'items'>,
  itemCount: number,
  weighting: Weighting,
): WeightedInteractions {
  const users = offsets.length - 1;
  const ones = new Float32Array(items.length).fill(1);
  const X = merged(transposedRows({ offsets, columns: items, values: ones }, itemCount));
  const counts = new Float32Array(itemCount);
  for (let item = 0; item < itemCount; item++)
    for (let entry = X.offsets[item]; entry < X.offsets[item + 1]; entry++) counts[item] += X.values[entry];
  if (weighting.kind === 'cosine') cosine(X);
  else bm25(X, users, counts, weighting);
  return { byItem: X, byUser: transposedRows(X, users), counts };
}

/** Entries of the same place become one; they stand side by side. */
function merged({ offsets, columns, values }: SparseRows): SparseRows {
  const starts = new Int32Array(offsets.length);
  let end = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++)
      if (end > starts[row] && columns[end - 1] === columns[entry]) values[end - 1] += values[entry];
      else {
        columns[end] = columns[entry];
        values[end++] = values[entry];
      }
    starts[row + 1] = end;
  }
  return { offsets: starts, columns: columns.subarray(0, end), values: values.subarray(0, end) };
}

function cosine({ offsets, values }: SparseRows): void {
  for (let item = 0; item + 1 < offsets.length; item++) {
    const row = values.subarray(offsets[item], offsets[item + 1]);
    let squares = 0;
    for (const x of row) squares += x * x;
    const norm = Math.sqrt(squares);
    for (let entry = 0; entry < row.length; entry++) row[entry] /= norm;
  }
}

function bm25(
  X: SparseRows,
  users: number,
  counts: Float32Array,
  { k1, b }: Extract<Weighting, { kind: 'bm25' }>,
): void {
  const met = new Float64Array(users);
  for (const user of X.columns) met[user]++;
  // A user who met all but one item says nothing about any: 0, which the sparse product must not hold.
  const idf = met.map((n) => Math.max(Math.abs(Math.log(counts.length) - Math.log1p(n)), 1e-9));
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const { offsets, columns, values } = X;
  for (let item = 0; item < counts.length; item++) {
    const length = k1 * (1 - b + (b * counts[item]) / mean);
    for (let entry = offsets[item]; entry < offsets[item + 1]; entry++) {
      const x = values[entry];
      values[entry] = ((x * (k1 + 1)) / (length + x)) * idf[columns[entry]];
    }
  }
}
