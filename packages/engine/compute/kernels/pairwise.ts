// Matrix factorisation by stochastic gradients over pairs of a met and an unmet item, in place. Rows have `dim` floats, a
// multiple of 4. What a user met is `items[offsets[u] … offsets[u + 1])`, ascending.

import { exp4 } from './_exp';
import { dot, multiplyAdd, total } from './_lanes';

/** Draws of a negative before the user is taken to have met everything. */
const TRIES: i32 = 32;

/**
 * Bayesian personalised ranking (Rendle et al. 2009, figure 4): `samples` steps, each about a user, an item i they met and
 * one j they did not. `users` names the user of each event; `byUser`: the user is drawn first and then one of their
 * events, else the event is. A bias has the rate `biasRate`. `state`: two words of a xorshift generator, not both zero.
 * Returns Σ −ln σ(x_uij).
 */
export function bayesianRanking(
  samples: i32,
  dim: i32,
  userCount: i32,
  itemCount: i32,
  offsets: usize,
  items: usize,
  users: usize,
  events: i32,
  byUser: bool,
  w: usize,
  h: usize,
  bias: usize,
  rate: f32,
  biasRate: f32,
  regularisation: f32,
  state: usize,
): f64 {
  const width = (<usize>dim) << 2;
  const keep = f32x4.splat(1 - rate * regularisation);
  let loss: f64 = 0;
  for (let sample = 0; sample < samples; sample++) {
    let user: i32, event: i32;
    if (byUser) {
      user = below(state, userCount);
      const first = load<i32>(offsets + ((<usize>user) << 2));
      const count = load<i32>(offsets + ((<usize>user) << 2), 4) - first;
      if (count == 0) {
        sample--;
        continue;
      }
      event = first + below(state, count);
    } else {
      event = below(state, events);
      user = load<i32>(users + ((<usize>event) << 2));
    }
    const i = load<i32>(items + ((<usize>event) << 2));
    const j = unmet(state, itemCount, offsets, items, user);
    if (j < 0) continue;
    const wu = w + <usize>user * width;
    const hi = h + <usize>i * width;
    const hj = h + <usize>j * width;
    const bi = bias + ((<usize>i) << 2);
    const bj = bias + ((<usize>j) << 2);
    const x = difference(wu, hi, hj, width) + load<f32>(bi) - load<f32>(bj);
    const e = f32x4.extract_lane(exp4(f32x4.splat(-abs(x))), 0);
    // σ(−x)
    const slope: f32 = x > 0 ? e / (1 + e) : 1 / (1 + e);
    loss += log1p(<f64>e) + (x > 0 ? 0 : <f64>-x);
    const step = f32x4.splat(rate * slope);
    for (let at: usize = 0; at < width; at += 16) {
      const a = v128.load(wu + at);
      const b = v128.load(hi + at);
      const c = v128.load(hj + at);
      v128.store(wu + at, multiplyAdd(step, f32x4.sub(b, c), f32x4.mul(keep, a)));
      const moved = f32x4.mul(step, a);
      v128.store(hi + at, multiplyAdd(keep, b, moved));
      v128.store(hj + at, f32x4.sub(f32x4.mul(keep, c), moved));
    }
    const fade: f32 = 1 - biasRate * regularisation;
    store<f32>(bi, load<f32>(bi) * fade + biasRate * slope);
    store<f32>(bj, load<f32>(bj) * fade - biasRate * slope);
  }
  return loss;
}

/**
 * Weighted approximate-rank pairwise (Weston, Bengio and Usunier 2011): for a met item i unmet ones are drawn until one, j,
 * comes within the margin 1 of it, at most `draws` of them; the step is weighed by the rank that the number N of draws
 * suggests: the Nth of `weights`. Steps follow Adagrad, one accumulator an element, in `sw`, `sh` and
 * `sb` beside `w`, `h` and `bias`. Takes the events that `order` names, from first to last. Returns the sum of the hinges,
 * so weighed.
 */
export function warp(
  from: i32,
  to: i32,
  order: usize,
  dim: i32,
  itemCount: i32,
  offsets: usize,
  items: usize,
  users: usize,
  w: usize,
  h: usize,
  bias: usize,
  sw: usize,
  sh: usize,
  sb: usize,
  draws: i32,
  weights: usize,
  rate: f32,
  regularisation: f32,
  state: usize,
): f64 {
  const width = (<usize>dim) << 2;
  const pull = f32x4.splat(regularisation);
  let loss: f64 = 0;
  for (let k = from; k < to; k++) {
    const event = load<i32>(order + ((<usize>k) << 2));
    const user = load<i32>(users + ((<usize>event) << 2));
    const i = load<i32>(items + ((<usize>event) << 2));
    const wu = w + <usize>user * width;
    const hi = h + <usize>i * width;
    const bi = bias + ((<usize>i) << 2);
    const positive = dot(wu, hi, width) + load<f32>(bi);
    for (let drawn = 1; drawn <= draws; drawn++) {
      const j = below(state, itemCount);
      const hj = h + <usize>j * width;
      const bj = bias + ((<usize>j) << 2);
      const hinge: f32 = 1 - positive + dot(wu, hj, width) + load<f32>(bj);
      if (!(hinge > 0) || hasMet(offsets, items, user, j)) continue;
      const weight = load<f32>(weights + ((<usize>(drawn - 1)) << 2));
      loss += <f64>(weight * hinge);
      const slope = f32x4.splat(weight);
      const swu = sw + <usize>user * width;
      const shi = sh + <usize>i * width;
      const shj = sh + <usize>j * width;
      const step = f32x4.splat(rate);
      for (let at: usize = 0; at < width; at += 16) {
        const a = v128.load(wu + at);
        const b = v128.load(hi + at);
        const c = v128.load(hj + at);
        const pulled = f32x4.mul(slope, a);
        adagrad(wu + at, swu + at, a, f32x4.add(f32x4.mul(slope, f32x4.sub(c, b)), f32x4.mul(pull, a)), step);
        adagrad(hi + at, shi + at, b, f32x4.sub(f32x4.mul(pull, b), pulled), step);
        adagrad(hj + at, shj + at, c, f32x4.add(f32x4.mul(pull, c), pulled), step);
      }
      adagradBias(bi, sb + ((<usize>i) << 2), -weight + regularisation * load<f32>(bi), rate);
      adagradBias(bj, sb + ((<usize>j) << 2), weight + regularisation * load<f32>(bj), rate);
      break;
    }
  }
  return loss;
}

// @ts-ignore: decorator
@inline
function adagrad(row: usize, sums: usize, value: v128, gradient: v128, rate: v128): void {
  const sum = multiplyAdd(gradient, gradient, v128.load(sums));
  v128.store(sums, sum);
  v128.store(row, f32x4.sub(value, f32x4.div(f32x4.mul(rate, gradient), f32x4.sqrt(sum))));
}

function adagradBias(at: usize, sums: usize, gradient: f32, rate: f32): void {
  const sum = load<f32>(sums) + gradient * gradient;
  store<f32>(sums, sum);
  store<f32>(at, load<f32>(at) - (rate * gradient) / sqrt<f32>(sum));
}

/** ⟨w, h_i − h_j⟩ */
// @ts-ignore: decorator
@inline
function difference(w: usize, hi: usize, hj: usize, width: usize): f32 {
  let four = f32x4.splat(0);
  for (let at: usize = 0; at < width; at += 16)
    four = multiplyAdd(v128.load(w + at), f32x4.sub(v128.load(hi + at), v128.load(hj + at)), four);
  return total(four);
}

/** An item that the user did not meet, each equally likely; −1 where none turned up. */
function unmet(state: usize, itemCount: i32, offsets: usize, items: usize, user: i32): i32 {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const item = below(state, itemCount);
    if (!hasMet(offsets, items, user, item)) return item;
  }
  return -1;
}

function hasMet(offsets: usize, items: usize, user: i32, item: i32): bool {
  let low = load<i32>(offsets + ((<usize>user) << 2));
  const end = load<i32>(offsets + ((<usize>user) << 2), 4);
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<i32>(items + ((<usize>middle) << 2)) < item) low = middle + 1;
    else high = middle;
  }
  return low < end && load<i32>(items + ((<usize>low) << 2)) == item;
}

/** Uniform in 0 … n − 1: the upper half of n times a word of xoroshiro64* (Blackman and Vigna). */
function below(state: usize, n: i32): i32 {
  const a = load<u32>(state);
  const b = load<u32>(state, 4) ^ a;
  store<u32>(state, rotl<u32>(a, 26) ^ b ^ (b << 9));
  store<u32>(state, rotl<u32>(b, 13), 4);
  return <i32>((<u64>(a * 0x9e3779bb) * <u64>n) >> 32);
}

/** ln(1 + e) for e in 0 … 1, to six digits: the library's keeps a table in memory, which is the caller's here. */
function log1p(e: f64): f64 {
  const t = e / (2 + e);
  const s = t * t;
  return 2 * t * (1 + s * (1.0 / 3 + s * (1.0 / 5 + s * (1.0 / 7 + s * (1.0 / 9 + s / 11)))));
}
