// Sparse times dense, row by row of the sparse matrix: what a graph convolution does to the vectors of its nodes.
import { multiplyAdd } from './_lanes';

/** Floats of a row of X that are summed in registers at a time. */
const TILE: i32 = 32;

/**
 * Rows `from … to - 1` of Y = alpha · A · X + beta · B, where A is sparse by rows (entries of row r are at
 * `offsets[r] … offsets[r + 1] - 1` of `columns` and `values`), X, B and Y are dense with `dim` floats a row, a multiple
 * of four. B may be Y; it is not read when beta is 0. Addresses are bytes.
 */
export function propagate(
  scratch: usize,
  from: i32,
  to: i32,
  offsets: usize,
  columns: usize,
  values: usize,
  x: usize,
  dim: i32,
  alpha: f32,
  beta: f32,
  b: usize,
  y: usize,
): void {
  const width = (<usize>dim) << 2;
  for (let row = from; row < to; row++) {
    const start = load<i32>(offsets + ((<usize>row) << 2));
    const end = load<i32>(offsets + ((<usize>row) << 2), 4);
    const at = (<usize>row) * width;
    let d = 0;
    for (; d + TILE <= dim; d += TILE) {
      const shift = (<usize>d) << 2;
      eight(columns, values, start, end, x + shift, width, alpha, beta, b + at + shift, y + at + shift);
    }
    for (; d < dim; d += 4) {
      const shift = (<usize>d) << 2;
      let sum = f32x4.splat(0);
      for (let e = start; e < end; e++) {
        const source = x + shift + (<usize>load<i32>(columns + ((<usize>e) << 2))) * width;
        sum = multiplyAdd(v128.load32_splat(values + ((<usize>e) << 2)), v128.load(source), sum);
      }
      finish(sum, alpha, beta, b + at + shift, y + at + shift);
    }
  }
}

// @ts-ignore: decorator
@inline
function eight(
  columns: usize,
  values: usize,
  start: i32,
  end: i32,
  x: usize,
  width: usize,
  alpha: f32,
  beta: f32,
  b: usize,
  y: usize,
): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0);
  let s5 = f32x4.splat(0);
  let s6 = f32x4.splat(0);
  let s7 = f32x4.splat(0);
  for (let e = start; e < end; e++) {
    const source = x + (<usize>load<i32>(columns + ((<usize>e) << 2))) * width;
    const value = v128.load32_splat(values + ((<usize>e) << 2));
    s0 = multiplyAdd(value, v128.load(source), s0);
    s1 = multiplyAdd(value, v128.load(source, 16), s1);
    s2 = multiplyAdd(value, v128.load(source, 32), s2);
    s3 = multiplyAdd(value, v128.load(source, 48), s3);
    s4 = multiplyAdd(value, v128.load(source, 64), s4);
    s5 = multiplyAdd(value, v128.load(source, 80), s5);
    s6 = multiplyAdd(value, v128.load(source, 96), s6);
    s7 = multiplyAdd(value, v128.load(source, 112), s7);
  }
  finish(s0, alpha, beta, b, y);
  finish(s1, alpha, beta, b + 16, y + 16);
  finish(s2, alpha, beta, b + 32, y + 32);
  finish(s3, alpha, beta, b + 48, y + 48);
  finish(s4, alpha, beta, b + 64, y + 64);
  finish(s5, alpha, beta, b + 80, y + 80);
  finish(s6, alpha, beta, b + 96, y + 96);
  finish(s7, alpha, beta, b + 112, y + 112);
}

// @ts-ignore: decorator
@inline
function finish(sum: v128, alpha: f32, beta: f32, b: usize, y: usize): void {
  const product = f32x4.mul(f32x4.splat(alpha), sum);
  v128.store(y, beta == 0 ? product : multiplyAdd(f32x4.splat(beta), v128.load(b), product));
}
