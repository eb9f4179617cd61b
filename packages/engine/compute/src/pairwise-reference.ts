import {
  check,
  type BayesianRanking,
  type PairwiseData,
  type PairwiseRows,
  type PairwiseSums,
  type Warp,
} from './pairwise.ts';

/** Draws of a negative before the user is taken to have met everything. */
const TRIES = 32;

/** The plain definition of `rankPairs`, step by step. */
export function rankPairsReference(data: PairwiseData, rows: PairwiseRows, how: BayesianRanking): number {
  const events = check(data, rows);
  const { offsets, items, users, itemCount, state } = data;
  const { dim, w, h, bias } = rows;
  const { samples, byUser, rate, biasRate, regularisation } = how;
  let loss = 0;
  for (let sample = 0; sample < samples && events > 0; sample++) {
    let user = -1;
    while (byUser && (user < 0 || offsets[user] === offsets[user + 1])) user = below(state, offsets.length - 1);
    const event = byUser ? offsets[user] + below(state, offsets[user + 1] - offsets[user]) : below(state, events);
    if (!byUser) user = users[event];
    const met = items.subarray(offsets[user], offsets[user + 1]);
    const i = items[event];
    let j = -1;
    for (let attempt = 0; attempt < TRIES && j < 0; attempt++) {
      const drawn = below(state, itemCount);
      if (!met.includes(drawn)) j = drawn;
    }
    if (j < 0) continue;
    let x = bias[i] - bias[j];
    for (let d = 0; d < dim; d++) x += w[user * dim + d] * (h[i * dim + d] - h[j * dim + d]);
    const slope = 1 / (1 + Math.exp(x));
    loss += Math.log1p(Math.exp(-x));
    for (let d = 0; d < dim; d++) {
      const [a, b, c] = [w[user * dim + d], h[i * dim + d], h[j * dim + d]];
      w[user * dim + d] = a + rate * (slope * (b - c) - regularisation * a);
      h[i * dim + d] = b + rate * (slope * a - regularisation * b);
      h[j * dim + d] = c + rate * (-slope * a - regularisation * c);
    }
    bias[i] += biasRate * (slope - regularisation * bias[i]);
    bias[j] += biasRate * (-slope - regularisation * bias[j]);
  }
  return events === 0 || samples === 0 ? 0 : loss / samples;
}

/** The plain definition of `warpPairs`. */
export function warpPairsReference(
  data: PairwiseData,
  rows: PairwiseRows,
  sums: PairwiseSums,
  { order, weights, rate, regularisation }: Warp,
): number {
  check(data, rows);
  const { offsets, items, users, itemCount, state } = data;
  const { dim, w, h, bias } = rows;
  const scored = (user: number, item: number): number => {
    let x = bias[item];
    for (let d = 0; d < dim; d++) x += w[user * dim + d] * h[item * dim + d];
    return x;
  };
  const move = (values: Float32Array, squares: Float32Array, k: number, gradient: number): void => {
    squares[k] += gradient * gradient;
    values[k] -= (rate * gradient) / Math.sqrt(squares[k]);
  };
  let loss = 0;
  for (const event of order) {
    const [user, i] = [users[event], items[event]];
    const met = items.subarray(offsets[user], offsets[user + 1]);
    const positive = scored(user, i);
    for (const weight of weights) {
      const j = below(state, itemCount);
      const hinge = 1 - positive + scored(user, j);
      if (hinge <= 0 || met.includes(j)) continue;
      loss += weight * hinge;
      for (let d = 0; d < dim; d++) {
        const [a, b, c] = [w[user * dim + d], h[i * dim + d], h[j * dim + d]];
        move(w, sums.w, user * dim + d, weight * (c - b) + regularisation * a);
        move(h, sums.h, i * dim + d, -weight * a + regularisation * b);
        move(h, sums.h, j * dim + d, weight * a + regularisation * c);
      }
      move(bias, sums.bias, i, -weight + regularisation * bias[i]);
      move(bias, sums.bias, j, weight + regularisation * bias[j]);
      break;
    }
  }
  return order.length === 0 ? 0 : loss / order.length;
}

/** The kernel's generator: xoroshiro64*. */
function below(state: Int32Array, n: number): number {
  const a = state[0];
  const b = state[1] ^ a;
  state[0] = rotated(a, 26) ^ b ^ (b << 9);
  state[1] = rotated(b, 13);
  return Math.floor(((Math.imul(a, 0x9e3779bb) >>> 0) * n) / 2 ** 32);
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
