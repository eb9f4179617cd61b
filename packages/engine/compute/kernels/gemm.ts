// Single-precision matrix product after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication"
// (2008): blocks of A and B are packed into panels that fit the caches, a 4 × 8 tile of C stays in registers. Larger
// tiles spill (16 SIMD registers). Every element of C is summed in the same order whatever m and n are.

import { at, pack } from './_pack';

const DEPTH: i32 = 256; // of a packed block: 8 × 256 floats of B stay in the first-level cache
const ROWS: i32 = 128; // of A packed at a time: 128 KiB, second-level cache
const COLUMNS: i32 = 1024; // of B packed at a time: 1 MiB

const PACKED_A: usize = <usize>(DEPTH * ROWS * 4);
const PACKED_B: usize = <usize>(DEPTH * COLUMNS * 4);

/** Bytes that a thread's scratch needs: a packed block of B, then one of A, then a tile. */
export const scratchBytes: usize = PACKED_B + PACKED_A + 4 * 8 * 4;

/**
 * C = alpha · op(A) · op(B) + beta · C, row-major; C is not read when beta is 0. Addresses are bytes; `rowA`, `rowB` and
 * `rowC` are the floats from one stored row to the next.
 */
export function sgemm(
  scratch: usize,
  transA: bool,
  transB: bool,
  m: i32,
  n: i32,
  k: i32,
  alpha: f32,
  a: usize,
  rowA: i32,
  b: usize,
  rowB: i32,
  beta: f32,
  c: usize,
  rowC: i32,
): void {
  for (let column = 0; column < n; column += COLUMNS) {
    const columns = min(COLUMNS, n - column);
    for (let start = 0; start < k; start += DEPTH) {
      const depth = min(DEPTH, k - start);
      const keep: f32 = start == 0 ? beta : 1;
      const bBlock = b + at(transB ? column : start, rowB, transB ? start : column);
      pack(bBlock, rowB, transB, columns, depth, 8, scratch);
      for (let row = 0; row < m; row += ROWS) {
        const rows = min(ROWS, m - row);
        const aBlock = a + at(transA ? start : row, rowA, transA ? row : start);
        pack(aBlock, rowA, !transA, rows, depth, 4, scratch + PACKED_B);
        multiplyBlock(scratch, rows, columns, depth, alpha, keep, c + at(row, rowC, column), rowC);
      }
    }
  }
}

function multiplyBlock(
  scratch: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  alpha: f32,
  beta: f32,
  c: usize,
  stride: i32,
): void {
  const tile = scratch + PACKED_B + PACKED_A;
  for (let column = 0; column < columns; column += 8) {
    const bPanel = scratch + (((<usize>column) * (<usize>depth)) << 2);
    for (let row = 0; row < rows; row += 4) {
      const aPanel = scratch + PACKED_B + (((<usize>row) * (<usize>depth)) << 2);
      const target = c + at(row, stride, column);
      if (rows - row >= 4 && columns - column >= 8) {
        multiplyTile(aPanel, bPanel, depth, alpha, beta, target, (<usize>stride) << 2);
      } else {
        multiplyTile(aPanel, bPanel, depth, alpha, 0, tile, 32);
        copyTile(tile, min(4, rows - row), min(8, columns - column), beta, target, stride);
      }
    }
  }
}

function multiplyTile(a: usize, b: usize, depth: i32, alpha: f32, beta: f32, c: usize, row: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  for (let p = depth; p > 0; p--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let value = v128.load_splat<f32>(a);
    c00 = multiplyAdd(value, b0, c00);
    c01 = multiplyAdd(value, b1, c01);
    value = v128.load_splat<f32>(a, 4);
    c10 = multiplyAdd(value, b0, c10);
    c11 = multiplyAdd(value, b1, c11);
    value = v128.load_splat<f32>(a, 8);
    c20 = multiplyAdd(value, b0, c20);
    c21 = multiplyAdd(value, b1, c21);
    value = v128.load_splat<f32>(a, 12);
    c30 = multiplyAdd(value, b0, c30);
    c31 = multiplyAdd(value, b1, c31);
    a += 16;
    b += 32;
  }
  const scale = f32x4.splat(alpha);
  const keep = f32x4.splat(beta);
  const read = beta != 0;
  storeFour(c, c00, scale, keep, read);
  storeFour(c + 16, c01, scale, keep, read);
  storeFour(c + row, c10, scale, keep, read);
  storeFour(c + row + 16, c11, scale, keep, read);
  storeFour(c + 2 * row, c20, scale, keep, read);
  storeFour(c + 2 * row + 16, c21, scale, keep, read);
  storeFour(c + 3 * row, c30, scale, keep, read);
  storeFour(c + 3 * row + 16, c31, scale, keep, read);
}

// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
function storeFour(c: usize, sum: v128, scale: v128, keep: v128, read: bool): void {
  const product = f32x4.mul(sum, scale);
  v128.store(c, read ? f32x4.add(product, f32x4.mul(keep, v128.load(c))) : product);
}

function copyTile(tile: usize, rows: i32, columns: i32, beta: f32, c: usize, stride: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const target = c + at(row, stride, column);
      const value = load<f32>(tile + at(row, 8, column));
      store<f32>(target, beta != 0 ? value + beta * load<f32>(target) : value);
    }
  }
}
