// Rows of scores, and what stands where in them. Addresses are bytes.
import { cell } from './_address';
import { offer, sortBest } from './_best';
import { totalInt } from './_lanes';

/**
 * The `k` highest of `n` scores, best first, of equal ones the lower row first: rows to `rows`, scores to `values`.
 * −∞ and NaN are left out. Returns how many there are; behind them are −1 and −∞.
 */
export function best(x: usize, n: i32, k: i32, rows: usize, values: usize): i32 {
  let size = 0;
  let threshold = f32x4.splat(-Infinity);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const at = cell(x, i);
    const above = v128.or(
      v128.or(f32x4.gt(v128.load(at), threshold), f32x4.gt(v128.load(at, 16), threshold)),
      v128.or(f32x4.gt(v128.load(at, 32), threshold), f32x4.gt(v128.load(at, 48), threshold)),
    );
    if (!v128.any_true(above)) continue;
    size = offerRange(x, i, i + 16, size, k, rows, values);
    if (size == k) threshold = v128.load32_splat(values);
  }
  size = offerRange(x, i, n, size, k, rows, values);
  sortBest(rows, values, size, k);
  return size;
}

function offerRange(x: usize, from: i32, to: i32, count: i32, k: i32, rows: usize, values: usize): i32 {
  let size = count;
  for (let i = from; i < to; i++) {
    const score = load<f32>(cell(x, i));
    if (score > (size == k ? load<f32>(values) : -Infinity)) size = offer(rows, values, size, k, i, score);
  }
  return size;
}

/** Copies `bytes` from x on to `count` places behind it, one after another. */
export function repeat(x: usize, bytes: usize, count: i32): void {
  for (let to = x + bytes; count > 0; count--, to += bytes) memory.copy(to, x, bytes);
}

/** How many of `n` scores are above each of `count` numbers, and how many are equal to it. */
export function compare(x: usize, n: i32, numbers: usize, count: i32, above: usize, equal: usize): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) compareFour(x, n, cell(numbers, i), cell(above, i), cell(equal, i));
  for (; i < count; i++) compareOne(x, n, cell(numbers, i), cell(above, i), cell(equal, i));
}

function compareFour(x: usize, n: i32, numbers: usize, above: usize, equal: usize): void {
  const t0 = v128.load32_splat(numbers);
  const t1 = v128.load32_splat(numbers, 4);
  const t2 = v128.load32_splat(numbers, 8);
  const t3 = v128.load32_splat(numbers, 12);
  let a0 = i32x4.splat(0), a1 = i32x4.splat(0), a2 = i32x4.splat(0), a3 = i32x4.splat(0);
  let e0 = i32x4.splat(0), e1 = i32x4.splat(0), e2 = i32x4.splat(0), e3 = i32x4.splat(0);
  const end = cell(x, n);
  for (; x + 16 <= end; x += 16) {
    const scores = v128.load(x);
    a0 = i32x4.sub(a0, f32x4.gt(scores, t0));
    e0 = i32x4.sub(e0, f32x4.eq(scores, t0));
    a1 = i32x4.sub(a1, f32x4.gt(scores, t1));
    e1 = i32x4.sub(e1, f32x4.eq(scores, t1));
    a2 = i32x4.sub(a2, f32x4.gt(scores, t2));
    e2 = i32x4.sub(e2, f32x4.eq(scores, t2));
    a3 = i32x4.sub(a3, f32x4.gt(scores, t3));
    e3 = i32x4.sub(e3, f32x4.eq(scores, t3));
  }
  finish(x, end, numbers, a0, e0, above, equal);
  finish(x, end, numbers + 4, a1, e1, above + 4, equal + 4);
  finish(x, end, numbers + 8, a2, e2, above + 8, equal + 8);
  finish(x, end, numbers + 12, a3, e3, above + 12, equal + 12);
}

function compareOne(x: usize, n: i32, number: usize, above: usize, equal: usize): void {
  const t = v128.load32_splat(number);
  let a = i32x4.splat(0);
  let e = i32x4.splat(0);
  const end = cell(x, n);
  for (; x + 16 <= end; x += 16) {
    const scores = v128.load(x);
    a = i32x4.sub(a, f32x4.gt(scores, t));
    e = i32x4.sub(e, f32x4.eq(scores, t));
  }
  finish(x, end, number, a, e, above, equal);
}

/** Adds up the lanes, and up to three scores that are left. */
function finish(x: usize, end: usize, number: usize, above: v128, equal: v128, toAbove: usize, toEqual: usize): void {
  const own = load<f32>(number);
  let more = totalInt(above);
  let same = totalInt(equal);
  for (; x < end; x += 4) {
    more += i32(load<f32>(x) > own);
    same += i32(load<f32>(x) == own);
  }
  store<i32>(toAbove, more);
  store<i32>(toEqual, same);
}
