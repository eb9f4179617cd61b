// Softmax and ranks of rows of scores, and GELU, four floats at a time.

import { exp4 } from './_exp';
import { highestLane } from './_lanes';

/**
 * Row by row x becomes softmax(scale · x); −∞ becomes 0, and so does a row of nothing else. For each row two doubles go
 * to `stats`: its highest value, and Σ exp(scale · (x − highest)), which does not depend on the other rows. Offsets are
 * bytes; `scale` is positive.
 */
export function softmaxRows(x: usize, rows: i32, cols: i32, scale: f32, stats: usize): void {
  const blocks = cols >> 2;
  const rest = cols & 3;
  const width = (<usize>cols) << 2;
  for (let row = 0; row < rows; row++) {
    const highest = highestOf(x, blocks, rest);
    let sum: f64 = 0;
    if (highest == -Infinity) memory.fill(x, 0, width);
    else {
      sum = exponentials(x, blocks, rest, highest, scale);
      divide(x, blocks, rest, <f32>(1 / sum));
    }
    store<f64>(stats, highest);
    store<f64>(stats, sum, 8);
    stats += 16;
    x += width;
  }
}

function highestOf(x: usize, blocks: i32, rest: i32): f32 {
  let four = f32x4.splat(-Infinity);
  for (let i = 0; i < blocks; i++, x += 16) four = f32x4.pmax(four, v128.load(x));
  let highest = highestLane(four);
  for (let i = 0; i < rest; i++, x += 4) highest = max(highest, load<f32>(x));
  return highest;
}

function exponentials(x: usize, blocks: i32, rest: i32, highest: f32, scale: f32): f64 {
  const shift = f32x4.splat(highest);
  const factor = f32x4.splat(scale);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i = 0; i < blocks; i++, x += 16) {
    const e = exp4(f32x4.mul(f32x4.sub(v128.load(x), shift), factor));
    v128.store(x, e);
    low = f64x2.add(low, f64x2.promote_low_f32x4(e));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(e, e, 2, 3, 2, 3)));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (let i = 0; i < rest; i++, x += 4) {
    const e = f32x4.extract_lane(exp4(f32x4.splat((load<f32>(x) - highest) * scale)), 0);
    store<f32>(x, e);
    sum += e;
  }
  return sum;
}

function divide(x: usize, blocks: i32, rest: i32, factor: f32): void {
  const four = f32x4.splat(factor);
  for (let i = 0; i < blocks; i++, x += 16) v128.store(x, f32x4.mul(v128.load(x), four));
  for (let i = 0; i < rest; i++, x += 4) store<f32>(x, load<f32>(x) * factor);
}

/**
 * GELU and its slope, x Φ(x) and Φ(x) + x φ(x), of `count` floats (a multiple of four): Φ by Hastings' approximation
 * (Abramowitz and Stegun 7.1.26). `values` may be x. Offsets are bytes.
 */
export function gelu(x: usize, count: i32, values: usize, slopes: usize): void {
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  for (let i = 0; i < count; i += 4) {
    const v = v128.load(x);
    const bell = exp4(f32x4.mul(f32x4.mul(v, v), f32x4.splat(-0.5)));
    const t = f32x4.div(one, f32x4.add(one, f32x4.mul(f32x4.splat(0.2316419), f32x4.abs(v))));
    let p = f32x4.splat(1.061405429);
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-1.453152027));
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(1.421413741));
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.284496736));
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.254829592));
    const tail = f32x4.mul(f32x4.mul(half, bell), f32x4.mul(p, t));
    const cumulative = v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(v, f32x4.splat(0)));
    v128.store(values, f32x4.mul(v, cumulative));
    v128.store(slopes, f32x4.add(cumulative, f32x4.mul(v, f32x4.mul(bell, f32x4.splat(0.39894228)))));
    x += 16;
    values += 16;
    slopes += 16;
  }
}
