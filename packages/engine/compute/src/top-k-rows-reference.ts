import type { TopKRows, TopKRowsInput } from './top-k-rows.ts';
import { topK } from './top-k.ts';

/**
 * The plain definition of `topKRows`, on arrays anywhere. Scores are summed over the dimensions in order, every product
 * and sum rounded, as `wasm-simd` does; `wasm-simd-fma` rounds products and sums at once.
 */
export function topKRowsReference({ users, items, dim, bias, masked, k }: TopKRowsInput): TopKRows {
  const [userCount, itemCount] = [users.length / dim, items.length / dim];
  const best = {
    items: new Int32Array(userCount * k).fill(-1),
    scores: new Float32Array(userCount * k).fill(-Infinity),
  };
  const scores = new Float32Array(itemCount);
  for (let user = 0; user < userCount; user++) {
    for (let item = 0; item < itemCount; item++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum = Math.fround(sum + Math.fround(users[user * dim + d] * items[item * dim + d]));
      scores[item] = bias ? sum + bias[item] : sum;
    }
    const mask = masked?.items.subarray(masked.offsets[user], masked.offsets[user + 1]);
    const [rows, values] = [new Int32Array(k), new Float32Array(k)];
    const count = topK(scores, 0, itemCount, k, mask, rows, values);
    best.items.set(rows.subarray(0, count), user * k);
    best.scores.set(values.subarray(0, count), user * k);
  }
  return best;
}
