// Single-precision matrix product after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication"
// (2008): blocks of A and B are packed into panels that fit the caches, a 4 × 8 tile of C stays in registers. Larger
// tiles spill (16 SIMD registers). Every element of C is summed in the same order whatever m and n are.

import { at } from './_address';
import { pack } from './_pack';
import { multiplyTile } from './_tile';

const DEPTH: i32 = 256; // of a packed block: 4 × 256 floats of A stay in the first-level cache
const ROWS: i32 = 128; // of A packed at a time: 128 KiB
const COLUMNS: i32 = 1024; // of B packed at a time: 1 MiB, second-level cache

const PACKED_A: usize = <usize>(DEPTH * ROWS * 4);
const PACKED_B: usize = <usize>(DEPTH * COLUMNS * 4);

/** Bytes that a thread's scratch needs: a packed block of B, then one of A, then a tile. */
export const scratchBytes: usize = PACKED_B + PACKED_A + 4 * 8 * 4;

/**
 * C = alpha · op(A) · op(B) + beta · D, row-major; D may be C, and is not read when beta is 0. Addresses are bytes; `rowA`,
 * `rowB`, `rowC` and `rowD` are the floats from one stored row to the next, 0 where all rows of D are the same.
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
  d: usize,
  rowD: i32,
): void {
  for (let column = 0; column < n; column += COLUMNS) {
    const columns = min(COLUMNS, n - column);
    for (let start = 0; start < k; start += DEPTH) {
      const depth = min(DEPTH, k - start);
      // Later parts of the sum are added to earlier ones.
      const keep: f32 = start == 0 ? beta : 1;
      const from = start == 0 ? d : c;
      const rowFrom = start == 0 ? rowD : rowC;
      const bBlock = b + at(transB ? column : start, rowB, transB ? start : column);
      pack(bBlock, rowB, transB, columns, depth, 8, scratch);
      for (let row = 0; row < m; row += ROWS) {
        const rows = min(ROWS, m - row);
        const aBlock = a + at(transA ? start : row, rowA, transA ? row : start);
        pack(aBlock, rowA, !transA, rows, depth, 4, scratch + PACKED_B);
        const source = from + at(row, rowFrom, column);
        multiplyBlock(scratch, rows, columns, depth, alpha, keep, c + at(row, rowC, column), rowC, source, rowFrom);
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
  d: usize,
  strideD: i32,
): void {
  const tile = scratch + PACKED_B + PACKED_A;
  // Along rows of C: tiles one below the other would lie in a page of memory each.
  for (let row = 0; row < rows; row += 4) {
    const aPanel = scratch + PACKED_B + (((<usize>row) * (<usize>depth)) << 2);
    for (let column = 0; column < columns; column += 8) {
      const bPanel = scratch + (((<usize>column) * (<usize>depth)) << 2);
      const target = c + at(row, stride, column);
      const source = d + at(row, strideD, column);
      if (rows - row >= 4 && columns - column >= 8) {
        multiplyTile(aPanel, bPanel, depth, alpha, beta, target, at(1, stride, 0), source, at(1, strideD, 0));
      } else {
        multiplyTile(aPanel, bPanel, depth, alpha, 0, tile, 32, tile, 32);
        copyTile(tile, min(4, rows - row), min(8, columns - column), beta, target, stride, source, strideD);
      }
    }
  }
}

function copyTile(
  tile: usize,
  rows: i32,
  columns: i32,
  beta: f32,
  c: usize,
  stride: i32,
  d: usize,
  strideD: i32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = load<f32>(tile + at(row, 8, column));
      const sum = beta != 0 ? value + beta * load<f32>(d + at(row, strideD, column)) : value;
      store<f32>(c + at(row, stride, column), sum);
    }
  }
}
