// One step of learning from pairs (user, item): rows are gathered, scored against negatives, and gradients scattered.
// All rows have `dim` floats, a multiple of four; addresses are bytes.

import { exp4 } from './_exp';
import { dot, highestLane, total } from './_lanes';

/** Squared lengths below this count as this. */
const SHORTEST: f32 = 1e-12;

/**
 * Rows `from … to - 1` of `into`: those of X that `rows` names; `unit` 1: scaled to length one. Their inverse lengths go
 * to `inverses` (1 where not scaled).
 */
export function gatherRows(
  scratch: usize,
  from: i32,
  to: i32,
  rows: usize,
  x: usize,
  dim: i32,
  unit: bool,
  into: usize,
  inverses: usize,
): void {
  const width = (<usize>dim) << 2;
  for (let k = from; k < to; k++) {
    const source = x + (<usize>load<i32>(rows + ((<usize>k) << 2))) * width;
    const target = into + (<usize>k) * width;
    const inverse: f32 = unit ? 1 / sqrt(max(dot(source, source, width), SHORTEST)) : 1;
    const factor = f32x4.splat(inverse);
    for (let d: usize = 0; d < width; d += 16) v128.store(target + d, f32x4.mul(factor, v128.load(source + d)));
    store<f32>(inverses + ((<usize>k) << 2), inverse);
  }
}

/**
 * Adds gradients of gathered rows to those of X. Gradients of rows v̂ = v/‖v‖ become those of v: (g − ⟨g, v̂⟩ v̂) / ‖v‖.
 * One thread only: a row may be named twice.
 */
export function scatterRows(
  count: i32,
  rows: usize,
  gathered: usize,
  gradients: usize,
  inverses: usize,
  dim: i32,
  unit: bool,
  into: usize,
): void {
  const width = (<usize>dim) << 2;
  for (let k = 0; k < count; k++) {
    const target = into + (<usize>load<i32>(rows + ((<usize>k) << 2))) * width;
    const row = gathered + (<usize>k) * width;
    const gradient = gradients + (<usize>k) * width;
    const along = f32x4.splat(unit ? dot(gradient, row, width) : 0);
    const inverse = v128.load32_splat(inverses + ((<usize>k) << 2));
    for (let d: usize = 0; d < width; d += 16) {
      const across = f32x4.sub(v128.load(gradient + d), f32x4.mul(along, v128.load(row + d)));
      v128.store(target + d, f32x4.add(v128.load(target + d), f32x4.mul(inverse, across)));
    }
  }
}

/**
 * Sampled softmax for rows `from … to - 1` of users U with their items P, against `count` (a multiple of four) negatives
 * that all share. `scores` has their dot products U·Nᵀ (row k of the block `first …`), and becomes the gradient with respect to them;
 * `shifts` is what is added to each negative's logit. A negative that is the user's item does not compete.
 * Loss of row k: −log(e^x / (e^x + Σ_j e^(factor · s_j + shift_j))) with x = factor · ⟨u, p⟩, to `losses`.
 * dU becomes the part of the gradient through the item, dP all of it, both times `weight`, as are the scores.
 */
export function sampledSoftmax(
  scratch: usize,
  from: i32,
  to: i32,
  first: i32,
  u: usize,
  p: usize,
  dim: i32,
  items: usize,
  negatives: usize,
  shifts: usize,
  count: i32,
  factor: f32,
  weight: f32,
  scores: usize,
  dU: usize,
  dP: usize,
  losses: usize,
): void {
  const width = (<usize>dim) << 2;
  const length = (<usize>count) << 2;
  const scale = f32x4.splat(factor);
  for (let k = from; k < to; k++) {
    const at = (<usize>k) * width;
    const row = scores + (<usize>(k - first)) * length;
    const own = factor * dot(u + at, p + at, width);
    const item = v128.load32_splat(items + ((<usize>k) << 2));
    let four = f32x4.splat(own);
    for (let j: usize = 0; j < length; j += 16) {
      const logit = f32x4.add(f32x4.mul(scale, v128.load(row + j)), v128.load(shifts + j));
      const masked = v128.bitselect(f32x4.splat(-Infinity), logit, i32x4.eq(item, v128.load(negatives + j)));
      v128.store(row + j, masked);
      four = f32x4.pmax(four, masked);
    }
    const highest = highestLane(four);
    const shift = f32x4.splat(highest);
    let sums = f32x4.splat(0);
    for (let j: usize = 0; j < length; j += 16) {
      const e = exp4(f32x4.sub(v128.load(row + j), shift));
      v128.store(row + j, e);
      sums = f32x4.add(sums, e);
    }
    const mine = f32x4.extract_lane(exp4(f32x4.splat(own - highest)), 0);
    const others = total(sums);
    const all = mine + others;
    const slope = f32x4.splat((weight * factor) / all);
    for (let j: usize = 0; j < length; j += 16) v128.store(row + j, f32x4.mul(slope, v128.load(row + j)));
    const pull = f32x4.splat((-weight * factor * others) / all);
    for (let d: usize = 0; d < width; d += 16) {
      v128.store(dU + at + d, f32x4.mul(pull, v128.load(p + at + d)));
      v128.store(dP + at + d, f32x4.mul(pull, v128.load(u + at + d)));
    }
    store<f32>(losses + ((<usize>k) << 2), <f32>Math.log(all) + highest - own);
  }
}

/**
 * BPR for rows `from … to - 1` of users U with their items P and a negative N each: loss −ln σ(factor · ⟨u, p − n⟩), and
 * its gradients times `weight` in dU, dP and dN.
 */
export function bprPairs(
  scratch: usize,
  from: i32,
  to: i32,
  u: usize,
  p: usize,
  n: usize,
  dim: i32,
  factor: f32,
  weight: f32,
  dU: usize,
  dP: usize,
  dN: usize,
  losses: usize,
): void {
  const width = (<usize>dim) << 2;
  for (let k = from; k < to; k++) {
    const at = (<usize>k) * width;
    const x = factor * (dot(u + at, p + at, width) - dot(u + at, n + at, width));
    const e = <f32>Math.exp(-abs(x));
    const slope = f32x4.splat((-weight * factor * (x > 0 ? e : 1)) / (1 + e));
    for (let d: usize = 0; d < width; d += 16) {
      const user = v128.load(u + at + d);
      const toItem = f32x4.mul(slope, user);
      v128.store(dP + at + d, toItem);
      v128.store(dN + at + d, f32x4.neg(toItem));
      v128.store(dU + at + d, f32x4.mul(slope, f32x4.sub(v128.load(p + at + d), v128.load(n + at + d))));
    }
    store<f32>(losses + ((<usize>k) << 2), <f32>Math.log1p(e) + max(-x, 0));
  }
}

/**
 * Adam (Kingma and Ba 2015) with decoupled weight decay on floats `from … to - 1`, multiples of four:
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², x ← (1 − decay) x − rate · m / (√v · root + ε). `rate` and `root` correct the bias.
 */
export function adam(
  scratch: usize,
  from: i32,
  to: i32,
  x: usize,
  gradient: usize,
  mean: usize,
  variance: usize,
  beta1: f32,
  beta2: f32,
  rate: f32,
  root: f32,
  decay: f32,
): void {
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const g = v128.load(gradient + at);
    const m = f32x4.add(
      f32x4.mul(f32x4.splat(beta1), v128.load(mean + at)),
      f32x4.mul(f32x4.splat(1 - beta1), g),
    );
    const v = f32x4.add(
      f32x4.mul(f32x4.splat(beta2), v128.load(variance + at)),
      f32x4.mul(f32x4.splat(1 - beta2), f32x4.mul(g, g)),
    );
    v128.store(mean + at, m);
    v128.store(variance + at, v);
    const step = f32x4.div(
      f32x4.mul(f32x4.splat(rate), m),
      f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(root)), f32x4.splat(1e-8)),
    );
    v128.store(x + at, f32x4.sub(f32x4.mul(f32x4.splat(1 - decay), v128.load(x + at)), step));
  }
}
