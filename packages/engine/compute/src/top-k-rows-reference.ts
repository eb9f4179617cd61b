import type { TopKRows, TopKRowsInput } from './top-k-rows.ts';

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
    const mask = new Set(masked?.items.subarray(masked.offsets[user], masked.offsets[user + 1]));
    const left = Array.from(scores.keys()).filter((item) => scores[item] > -Infinity && !mask.has(item));
    left.sort((a, b) => scores[b] - scores[a] || a - b);
    for (const [place, item] of left.slice(0, k).entries()) {
      best.items[user * k + place] = item;
      best.scores[user * k + place] = scores[item];
    }
  }
  return best;
}
