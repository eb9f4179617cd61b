// Steps of optimisers for some rows of a table. `rows` names `count` different rows; their gradients lie one after another,
// `dim` floats each. `values` and the optimiser's planes are matrices of so many columns. Addresses are bytes. `l2` times
// the row is added to its gradient. Products and sums are rounded one by one: the bits are the same on every machine.
// Four floats at a time, what lies behind the end of a row is written back as it was.
import { cell } from './_address';
import { total } from './_lanes';

/** Keeps divisions finite. */
const EPSILON: f32 = 1e-8;

/** x ← x − rate · g */
export function sgd(count: i32, rows: usize, gradients: usize, dim: i32, values: usize, rate: f32, l2: f32): void {
  const width = (<usize>dim) << 2;
  const step = f32x4.splat(rate);
  const pull = f32x4.splat(l2);
  for (let i = 0; i < count; i++, gradients += width) {
    const x = values + (<usize>load<i32>(cell(rows, i))) * width;
    for (let at: usize = 0; at < width; at += 16) {
      const value = v128.load(x + at);
      const g = f32x4.add(v128.load(gradients + at), f32x4.mul(pull, value));
      put(x + at, f32x4.sub(value, f32x4.mul(step, g)), value, lanes(width - at));
    }
  }
}

/** Adagrad (Duchi, Hazan and Singer 2011), one accumulator an element: s ← s + g², x ← x − rate · g / (√s + ε). */
export function adagrad(
  count: i32,
  rows: usize,
  gradients: usize,
  dim: i32,
  values: usize,
  squares: usize,
  rate: f32,
  l2: f32,
): void {
  const width = (<usize>dim) << 2;
  const step = f32x4.splat(rate);
  const pull = f32x4.splat(l2);
  const epsilon = f32x4.splat(EPSILON);
  for (let i = 0; i < count; i++, gradients += width) {
    const start = (<usize>load<i32>(cell(rows, i))) * width;
    const x = values + start;
    const s = squares + start;
    for (let at: usize = 0; at < width; at += 16) {
      const keep = lanes(width - at);
      const value = v128.load(x + at);
      const before = v128.load(s + at);
      const g = f32x4.add(v128.load(gradients + at), f32x4.mul(pull, value));
      const sum = f32x4.add(before, f32x4.mul(g, g));
      put(s + at, sum, before, keep);
      const moved = f32x4.div(f32x4.mul(step, g), f32x4.add(f32x4.sqrt(sum), epsilon));
      put(x + at, f32x4.sub(value, moved), value, keep);
    }
  }
}

/** Adagrad with one accumulator a row, the mean of its squared gradients. */
export function rowAdagrad(
  count: i32,
  rows: usize,
  gradients: usize,
  dim: i32,
  values: usize,
  squares: usize,
  rate: f32,
  l2: f32,
): void {
  const width = (<usize>dim) << 2;
  const pull = f32x4.splat(l2);
  for (let i = 0; i < count; i++, gradients += width) {
    const row = load<i32>(cell(rows, i));
    const x = values + (<usize>row) * width;
    let sums = f32x4.splat(0);
    for (let at: usize = 0; at < width; at += 16) {
      const g = f32x4.add(v128.load(gradients + at), f32x4.mul(pull, v128.load(x + at)));
      sums = f32x4.add(sums, v128.and(f32x4.mul(g, g), lanes(width - at)));
    }
    const sum = load<f32>(cell(squares, row)) + total(sums) / <f32>dim;
    store<f32>(cell(squares, row), sum);
    const step = f32x4.splat(rate / (sqrt(sum) + EPSILON));
    for (let at: usize = 0; at < width; at += 16) {
      const value = v128.load(x + at);
      const g = f32x4.add(v128.load(gradients + at), f32x4.mul(pull, value));
      put(x + at, f32x4.sub(value, f32x4.mul(step, g)), value, lanes(width - at));
    }
  }
}

/**
 * Adam (Kingma and Ba 2015): m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², x ← x − rate · m / (√v · root + ε). For each of
 * the rows `rates` and `roots` correct the bias.
 */
export function adam(
  count: i32,
  rows: usize,
  gradients: usize,
  dim: i32,
  values: usize,
  means: usize,
  variances: usize,
  rates: usize,
  roots: usize,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  l2: f32,
): void {
  const width = (<usize>dim) << 2;
  const pull = f32x4.splat(l2);
  const epsilon = f32x4.splat(EPSILON);
  for (let i = 0; i < count; i++, gradients += width) {
    const start = (<usize>load<i32>(cell(rows, i))) * width;
    const x = values + start;
    const rate = v128.load32_splat(cell(rates, i));
    const root = v128.load32_splat(cell(roots, i));
    for (let at: usize = 0; at < width; at += 16) {
      const keep = lanes(width - at);
      const value = v128.load(x + at);
      const mean = v128.load(means + start + at);
      const variance = v128.load(variances + start + at);
      const g = f32x4.add(v128.load(gradients + at), f32x4.mul(pull, value));
      const m = f32x4.add(f32x4.mul(f32x4.splat(beta1), mean), f32x4.mul(f32x4.splat(rest1), g));
      const v = f32x4.add(f32x4.mul(f32x4.splat(beta2), variance), f32x4.mul(f32x4.splat(rest2), f32x4.mul(g, g)));
      put(means + start + at, m, mean, keep);
      put(variances + start + at, v, variance, keep);
      const moved = f32x4.div(f32x4.mul(rate, m), f32x4.add(f32x4.mul(f32x4.sqrt(v), root), epsilon));
      put(x + at, f32x4.sub(value, moved), value, keep);
    }
  }
}

/** All ones in the lanes that belong to a row of which so many bytes are left. */
// @ts-ignore: decorator
@inline
function lanes(left: usize): v128 {
  return i32x4.lt_s(i32x4(0, 4, 8, 12), i32x4.splat(<i32>left));
}

// @ts-ignore: decorator
@inline
function put(at: usize, value: v128, before: v128, keep: v128): void {
  v128.store(at, v128.bitselect(value, before, keep));
}
