// A step of a model whose users are pools of their histories: weighted sums of item rows with their gradients, and
// softmax cross-entropy in place. Addresses are bytes; rows have `dim` floats, any number.

import { exp4 } from './_exp';
import { highestLane, multiplyAdd, total } from './_lanes';

/**
 * c_b,head = Σ_k w_head,k E[rows_b,k] with w_head,k = exps_head,k · inverses_head,L−1 over the L entries of b's history,
 * `rows[offsets[b] … offsets[b + 1])`, of which there are at most `positions`. An empty history gives zeros.
 */
export function pool(
  batch: i32,
  dim: i32,
  heads: i32,
  positions: i32,
  offsets: usize,
  rows: usize,
  exps: usize,
  inverses: usize,
  e: usize,
  c: usize,
): void {
  const width = (<usize>dim) << 2;
  for (let b = 0; b < batch; b++) {
    const start = load<i32>(offsets + ((<usize>b) << 2));
    const length = load<i32>(offsets + ((<usize>b) << 2), 4) - start;
    const into = c + <usize>(b * heads) * width;
    memory.fill(into, 0, <usize>heads * width);
    for (let k = 0; k < length; k++) {
      const row = e + <usize>load<i32>(rows + ((<usize>(start + k)) << 2)) * width;
      for (let head = 0; head < heads; head++)
        addScaled(weightOf(head, k, length, positions, exps, inverses), row, into + <usize>head * width, width);
    }
  }
}

/**
 * Gradients of `pool`, given `dc`: adds to `dE` (rows as in E) and to those of the logits of which `exps` are the
 * exponentials, `dw` (`heads × positions`).
 */
export function poolBackward(
  batch: i32,
  dim: i32,
  heads: i32,
  positions: i32,
  offsets: usize,
  rows: usize,
  exps: usize,
  inverses: usize,
  e: usize,
  c: usize,
  dc: usize,
  dE: usize,
  dw: usize,
): void {
  const width = (<usize>dim) << 2;
  for (let b = 0; b < batch; b++) {
    const start = load<i32>(offsets + ((<usize>b) << 2));
    const length = load<i32>(offsets + ((<usize>b) << 2), 4) - start;
    for (let head = 0; head < heads; head++) {
      const at = <usize>(b * heads + head) * width;
      const mean = product(dc + at, c + at, width);
      for (let k = 0; k < length; k++) {
        const row = <usize>load<i32>(rows + ((<usize>(start + k)) << 2)) * width;
        const weight = weightOf(head, k, length, positions, exps, inverses);
        const slope = dw + ((<usize>(head * positions + k)) << 2);
        store<f32>(slope, load<f32>(slope) + weight * (product(dc + at, e + row, width) - mean));
        addScaled(weight, dc + at, dE + row, width);
      }
    }
  }
}

/**
 * −log softmax(z_b + shifts) at b's target, for rows of `stride` floats, a multiple of four. z becomes the gradient,
 * softmax − onehot, which is added to `slopes` over all rows. A logit of −∞ does not compete. For each row two floats go
 * to `about`: Σ exp(logit − highest), and highest − the target's logit; the loss is log of the first plus the second.
 */
export function crossEntropy(
  rows: i32,
  stride: i32,
  z: usize,
  shifts: usize,
  targets: usize,
  slopes: usize,
  about: usize,
): void {
  const length = (<usize>stride) << 2;
  for (let b = 0; b < rows; b++, z += length, about += 8) {
    let four = f32x4.splat(-Infinity);
    for (let j: usize = 0; j < length; j += 16) {
      const logit = f32x4.add(v128.load(z + j), v128.load(shifts + j));
      v128.store(z + j, logit);
      four = f32x4.pmax(four, logit);
    }
    const highest = highestLane(four);
    const target = (<usize>load<i32>(targets + ((<usize>b) << 2))) << 2;
    store<f32>(about, highest - load<f32>(z + target), 4);
    const shift = f32x4.splat(highest);
    let sums = f32x4.splat(0);
    for (let j: usize = 0; j < length; j += 16) {
      const power = exp4(f32x4.sub(v128.load(z + j), shift));
      v128.store(z + j, power);
      sums = f32x4.add(sums, power);
    }
    const sum = total(sums);
    store<f32>(about, sum);
    const inverse = f32x4.splat(1 / sum);
    for (let j: usize = 0; j < length; j += 16) {
      const p = f32x4.mul(inverse, v128.load(z + j));
      v128.store(z + j, p);
      v128.store(slopes + j, f32x4.add(v128.load(slopes + j), p));
    }
    store<f32>(z + target, load<f32>(z + target) - 1);
    store<f32>(slopes + target, load<f32>(slopes + target) - 1);
  }
}

// @ts-ignore: decorator
@inline
function weightOf(head: i32, k: i32, length: i32, positions: i32, exps: usize, inverses: usize): f32 {
  const first = head * positions;
  return load<f32>(exps + ((<usize>(first + k)) << 2)) * load<f32>(inverses + ((<usize>(first + length - 1)) << 2));
}

/** y += weight · x */
// @ts-ignore: decorator
@inline
function addScaled(weight: f32, x: usize, y: usize, width: usize): void {
  const four = f32x4.splat(weight);
  let d: usize = 0;
  for (; d + 16 <= width; d += 16) v128.store(y + d, multiplyAdd(four, v128.load(x + d), v128.load(y + d)));
  for (; d < width; d += 4) store<f32>(y + d, load<f32>(y + d) + weight * load<f32>(x + d));
}

// @ts-ignore: decorator
@inline
function product(a: usize, b: usize, width: usize): f32 {
  let four = f32x4.splat(0);
  let d: usize = 0;
  for (; d + 16 <= width; d += 16) four = multiplyAdd(v128.load(a + d), v128.load(b + d), four);
  let sum = total(four);
  for (; d < width; d += 4) sum += load<f32>(a + d) * load<f32>(b + d);
  return sum;
}
