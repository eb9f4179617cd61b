// Small positive definite systems, many at once, and the diagonal blocks of large ones. Each is copied into scratch
// first, padded with the identity to a multiple of four.
import { at } from './_address';
import { factorUpper, invertUpper, solveUpper } from './_cholesky';

/** Bytes of scratch for systems of order `n`: two square matrices and two vectors. */
export function scratchBytes(n: i32): usize {
  const padded = <usize>padding(n);
  return (2 * padded * padded + 2 * padded) << 2;
}

// @ts-ignore: decorator
@inline
function padding(n: i32): i32 {
  return (n + 3) & ~3;
}

/**
 * Solves `count` systems of order `n`, A x = b, in place of the right sides; matrices and right sides lie one after
 * another, only the upper triangles are read. The first system that has no positive pivot is noted as its number + 1 in
 * its own element of `failed`, which is 0 otherwise.
 */
export function solveMany(scratch: usize, a: usize, n: i32, b: usize, count: i32, failed: usize): void {
  const padded = padding(n);
  const bytes = (<usize>n) << 2;
  const starts = scratch + (((<usize>padded) * (<usize>padded)) << 2);
  const x = starts + ((<usize>padded) << 2);
  for (; count > 0; count--) {
    for (let i = 0; i < n; i++) {
      const skip = (<usize>(i & ~3)) << 2;
      const to = scratch + (((<usize>i) * (<usize>padded)) << 2);
      memory.copy(to + skip, a + (<usize>i) * bytes + skip, bytes - skip);
      store<f32>(starts + ((<usize>i) << 2), load<f32>(to + ((<usize>i) << 2)));
    }
    pad(scratch, n, padded, starts);
    memory.fill(x, 0, (<usize>padded) << 2);
    memory.copy(x, b, bytes);
    const row = factorUpper(scratch, padded, starts);
    store<i32>(failed, row + 1);
    if (row < 0) {
      solveUpper(scratch, padded, x);
      memory.copy(b, x, bytes);
    }
    a += (<usize>n) * bytes;
    b += bytes;
    failed += 4;
  }
}

/**
 * Factors the block of order `n` at `a` (floats `row` apart), A = L Lᵀ: reads its lower triangle and writes L there.
 * `starts` as in `factorUpper`. Answers the row whose pivot is not positive, or −1.
 */
export function factorBlock(scratch: usize, a: usize, row: i32, n: i32, starts: usize): i32 {
  const padded = padding(n);
  const own = scratch + (((<usize>padded) * (<usize>padded)) << 2);
  readLower(scratch, a, row, n, padded);
  memory.copy(own, starts, (<usize>n) << 2);
  pad(scratch, n, padded, own);
  const failed = factorUpper(scratch, padded, own);
  if (failed < 0)
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) store<f32>(a + at(i, row, j), load<f32>(scratch + at(j, padded, i)));
  return failed;
}

/** L⁻¹ of the lower triangular block of order `n` at `l`, to `x` (floats `rowX` apart), zeros above its diagonal. */
export function invertBlock(scratch: usize, l: usize, row: i32, n: i32, x: usize, rowX: i32): void {
  const padded = padding(n);
  const square = ((<usize>padded) * (<usize>padded)) << 2;
  const inverse = scratch + square;
  readLower(scratch, l, row, n, padded);
  pad(scratch, n, padded, inverse);
  invertUpper(scratch, padded, inverse);
  for (let i = 0; i < n; i++) memory.copy(x + at(i, rowX, 0), inverse + at(i, padded, 0), (<usize>n) << 2);
}

/** The transpose of a lower triangle. */
function readLower(into: usize, a: usize, row: i32, n: i32, padded: i32): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) store<f32>(into + at(j, padded, i), load<f32>(a + at(i, row, j)));
}

/** Columns and rows of the identity behind the first n. */
function pad(a: usize, n: i32, padded: i32, starts: usize): void {
  for (let j = n; j < padded; j++) {
    for (let i = 0; i < j; i++) store<f32>(a + at(i, padded, j), 0);
    store<f32>(a + at(j, padded, j), 1);
    store<f32>(starts + at(0, 0, j), 1);
  }
}
