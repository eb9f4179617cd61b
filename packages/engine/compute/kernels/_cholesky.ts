// Cholesky factors of small matrices, A = Uᵀ U, row-major and dense; `n` is a multiple of four (pad with the identity).
// Four pivots at a time, so that a row is read and written once for four multiplications.
import { multiplyAdd, total } from './_lanes';

/** Cholesky's pivots must be above this part of the element that they began as: what is less is rounding. */
const NOISE: f32 = 1.2e-7;

/**
 * Factors A in place: U in its upper triangle, what is below is undefined; only the upper triangle is read. `starts` has
 * the diagonal that the matrix began with. Answers the row whose pivot is not positive, or −1.
 */
export function factorUpper(a: usize, n: i32, starts: usize): i32 {
  const row = (<usize>n) << 2;
  for (let p = 0; p < n; p += 4) {
    const failed = factorFour(a, p, n, starts);
    if (failed >= 0) return failed;
    const pivots = a + (<usize>p) * row;
    for (let i = p + 4; i < n; i += 2) subtractFour(pivots, i, n, a + (<usize>i) * row);
  }
  return -1;
}

/** Rows p … p + 3 become rows of U, given that earlier ones were subtracted. */
function factorFour(a: usize, p: i32, n: i32, starts: usize): i32 {
  const row = (<usize>n) << 2;
  const first = a + (<usize>p) * row;
  for (let k = p; k < p + 4; k++) {
    const own = a + (<usize>k) * row;
    for (let earlier = first; earlier < own; earlier += row) {
      const factor = f32x4.splat(-load<f32>(earlier + ((<usize>k) << 2)));
      for (let j = (<usize>p) << 2; j < row; j += 16)
        v128.store(own + j, multiplyAdd(factor, v128.load(earlier + j), v128.load(own + j)));
    }
    const diagonal = (<usize>k) << 2;
    const pivot = load<f32>(own + diagonal);
    if (!(pivot > 0 && pivot > NOISE * load<f32>(starts + diagonal) && pivot < Infinity)) return k;
    const root = sqrt(pivot);
    const scale = f32x4.splat(1 / root);
    for (let j = (<usize>p) << 2; j < row; j += 16) v128.store(own + j, f32x4.mul(scale, v128.load(own + j)));
    store<f32>(own + diagonal, root);
  }
  return -1;
}

/** Subtracts from rows i and i + 1 what the four rows of U at `pivots` explain of them. */
// @ts-ignore: decorator
@inline
function subtractFour(pivots: usize, i: i32, n: i32, target: usize): void {
  const row = (<usize>n) << 2;
  const column = (<usize>i) << 2;
  const a0 = negated(pivots + column);
  const a1 = negated(pivots + column + row);
  const a2 = negated(pivots + column + 2 * row);
  const a3 = negated(pivots + column + 3 * row);
  const b0 = negated(pivots + column + 4);
  const b1 = negated(pivots + column + row + 4);
  const b2 = negated(pivots + column + 2 * row + 4);
  const b3 = negated(pivots + column + 3 * row + 4);
  for (let j = (<usize>(i & ~3)) << 2; j < row; j += 16) {
    let a = v128.load(target + j);
    let b = v128.load(target + row + j);
    let u = v128.load(pivots + j);
    a = multiplyAdd(a0, u, a);
    b = multiplyAdd(b0, u, b);
    u = v128.load(pivots + row + j);
    a = multiplyAdd(a1, u, a);
    b = multiplyAdd(b1, u, b);
    u = v128.load(pivots + 2 * row + j);
    a = multiplyAdd(a2, u, a);
    b = multiplyAdd(b2, u, b);
    u = v128.load(pivots + 3 * row + j);
    a = multiplyAdd(a3, u, a);
    b = multiplyAdd(b3, u, b);
    v128.store(target + j, a);
    v128.store(target + row + j, b);
  }
}

// @ts-ignore: decorator
@inline
function negated(at: usize): v128 {
  return f32x4.splat(-load<f32>(at));
}

/** Solves Uᵀ U x = b in place of b (`n` floats). */
export function solveUpper(u: usize, n: i32, b: usize): void {
  const row = (<usize>n) << 2;
  for (let k: usize = 0, at = u; k < row; k += 4, at += row) {
    const value = load<f32>(b + k) / load<f32>(at + k);
    const factor = f32x4.splat(-value);
    // Begins at the vector that holds k: what lies before k in it is solved already, and kept.
    const begin = k & ~15;
    const kept = v128.load(b + begin);
    for (let j = begin; j < row; j += 16)
      v128.store(b + j, multiplyAdd(factor, v128.load(at + j), v128.load(b + j)));
    v128.store(b + begin, v128.bitselect(kept, v128.load(b + begin), lanesUpTo(k)));
    store<f32>(b + k, value);
  }
  for (let k = row - 4, at = u + row * (<usize>n - 1); ; k -= 4, at -= row) {
    const begin = (k & ~15) + 16;
    let sum = f32x4.splat(0);
    for (let j = begin; j < row; j += 16) sum = multiplyAdd(v128.load(at + j), v128.load(b + j), sum);
    let solved = total(sum);
    for (let j = k + 4; j < begin; j += 4) solved += load<f32>(at + j) * load<f32>(b + j);
    store<f32>(b + k, (load<f32>(b + k) - solved) / load<f32>(at + k));
    if (k == 0) break;
  }
}

/** All ones in the lanes before that of byte offset k. */
// @ts-ignore: decorator
@inline
function lanesUpTo(k: usize): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>((k >> 2) & 3)));
}

/** X = U⁻ᵀ, lower triangular, to `x` (n × n, zeros above its diagonal). */
export function invertUpper(u: usize, n: i32, x: usize): void {
  const row = (<usize>n) << 2;
  memory.fill(x, 0, row * (<usize>n));
  for (let i: usize = 0, own = x; i < row; i += 4, own += row) {
    const inverse: f32 = 1 / load<f32>(u + (i >> 2) * row + i);
    const scale = f32x4.splat(-inverse);
    for (let j: usize = 0; j < i; j += 16) {
      let sum = f32x4.splat(0);
      for (let k = j; k < i; k += 4) {
        const at = (k >> 2) * row;
        sum = multiplyAdd(v128.load_splat<f32>(u + at + i), v128.load(x + at + j), sum);
      }
      v128.store(own + j, f32x4.mul(scale, sum));
    }
    store<f32>(own + i, inverse);
  }
}
