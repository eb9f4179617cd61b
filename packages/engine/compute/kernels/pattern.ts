// Sparse matrices of zeros and ones, by row: row r has a one in the columns `indices[offsets[r]] … indices[offsets[r + 1] − 1]`,
// ascending. All numbers after `scratch` are byte addresses, sizes or rows.

/**
 * Rows `from … to − 1` of the lower triangle of XᵀX into a square of `stride` floats a row, diagonal included. X is given
 * by row (who met what) and by column (what was met by whom).
 */
export function gramRows(
  _scratch: usize,
  from: i32,
  to: i32,
  columnOffsets: usize,
  columnIndices: usize,
  rowOffsets: usize,
  rowIndices: usize,
  gram: usize,
  stride: i32,
): void {
  for (let i = from; i < to; i++) {
    const row = gram + (((<usize>i) * (<usize>stride)) << 2);
    memory.fill(row, 0, (<usize>(i + 1)) << 2);
    const last = listEnd(columnOffsets, columnIndices, i);
    for (let u = listStart(columnOffsets, columnIndices, i); u < last; u += 4) {
      const owner = load<i32>(u);
      const end = listEnd(rowOffsets, rowIndices, owner);
      for (let x = listStart(rowOffsets, rowIndices, owner); x < end; x += 4) {
        const j = load<i32>(x);
        if (j > i) break;
        const cell = row + ((<usize>j) << 2);
        store<f32>(cell, load<f32>(cell) + 1);
      }
    }
  }
}

/** Rows `from … to − 1` of X · M: the sum, in the order of the list, of the rows of M (`width` floats, `stride` apart). */
export function sumRows(
  _scratch: usize,
  from: i32,
  to: i32,
  offsets: usize,
  indices: usize,
  matrix: usize,
  stride: i32,
  width: i32,
  into: usize,
): void {
  const bytes = (<usize>width) << 2;
  const step = (<usize>stride) << 2;
  for (let r = from; r < to; r++) {
    const sum = into + (<usize>r) * bytes;
    memory.fill(sum, 0, bytes);
    const end = listEnd(offsets, indices, r);
    let x = listStart(offsets, indices, r);
    for (; x + 16 <= end; x += 16)
      addFour(
        sum,
        matrix + (<usize>load<i32>(x)) * step,
        matrix + (<usize>load<i32>(x, 4)) * step,
        matrix + (<usize>load<i32>(x, 8)) * step,
        matrix + (<usize>load<i32>(x, 12)) * step,
        bytes,
      );
    for (; x < end; x += 4) addOne(sum, matrix + (<usize>load<i32>(x)) * step, bytes);
  }
}

/**
 * Adds to a matrix rows `from … to − 1` of H · diag(a) · Xᵀ · diag(b) · X · diag(c), where H is a pattern over the columns of X.
 * Scratch: a float for each column of X, a float and an int for each row of X, and an int more.
 */
export function filterRows(
  scratch: usize,
  from: i32,
  to: i32,
  offsets: usize,
  indices: usize,
  a: usize,
  columnOffsets: usize,
  columnIndices: usize,
  b: usize,
  rowOffsets: usize,
  rowIndices: usize,
  rows: i32,
  width: i32,
  c: usize,
  into: usize,
): void {
  const bytes = (<usize>width) << 2;
  const weights = scratch + bytes;
  const touched = weights + ((<usize>rows) << 2);
  // Left as zeros by every row.
  memory.fill(scratch, 0, touched - scratch);
  for (let h = from; h < to; h++) {
    let top = touched;
    const end = listEnd(offsets, indices, h);
    for (let x = listStart(offsets, indices, h); x < end; x += 4) {
      const i = load<i32>(x);
      const weight = load<f32>(a + ((<usize>i) << 2));
      const last = listEnd(columnOffsets, columnIndices, i);
      for (let u = listStart(columnOffsets, columnIndices, i); u < last; u += 4) {
        const cell = weights + ((<usize>load<i32>(u)) << 2);
        const before = load<f32>(cell);
        // Written always and kept where it is new: a branch would be guessed wrong as often as right.
        store<i32>(top, load<i32>(u));
        top += usize(before == 0) << 2;
        store<f32>(cell, before + weight);
      }
    }
    for (let t = touched; t < top; t += 4) {
      const u = load<i32>(t);
      const cell = weights + ((<usize>u) << 2);
      const weight = load<f32>(cell) * load<f32>(b + ((<usize>u) << 2));
      store<f32>(cell, 0);
      const last = listEnd(rowOffsets, rowIndices, u);
      for (let x = listStart(rowOffsets, rowIndices, u); x < last; x += 4) {
        const score = scratch + ((<usize>load<i32>(x)) << 2);
        store<f32>(score, load<f32>(score) + weight);
      }
    }
    moveScaled(scratch, c, into + (<usize>h) * bytes, bytes);
  }
}

/** y += x · factor, element by element; x becomes zeros. */
function moveScaled(x: usize, factor: usize, y: usize, bytes: usize): void {
  const end = x + (bytes & ~15);
  for (; x < end; x += 16, factor += 16, y += 16) {
    v128.store(y, f32x4.add(v128.load(y), f32x4.mul(v128.load(x), v128.load(factor))));
    v128.store(x, f32x4.splat(0));
  }
  for (const last = end + (bytes & 15); x < last; x += 4, factor += 4, y += 4) {
    store<f32>(y, load<f32>(y) + load<f32>(x) * load<f32>(factor));
    store<f32>(x, 0);
  }
}

// @ts-ignore: decorator
@inline
function listStart(offsets: usize, indices: usize, row: i32): usize {
  return indices + ((<usize>load<i32>(offsets + ((<usize>row) << 2))) << 2);
}

// @ts-ignore: decorator
@inline
function listEnd(offsets: usize, indices: usize, row: i32): usize {
  return indices + ((<usize>load<i32>(offsets + ((<usize>row) << 2), 4)) << 2);
}

/** Four rows in their order: the sum is read and written once instead of four times. */
function addFour(sum: usize, p: usize, q: usize, r: usize, s: usize, bytes: usize): void {
  const end = sum + (bytes & ~15);
  for (; sum < end; sum += 16, p += 16, q += 16, r += 16, s += 16)
    v128.store(
      sum,
      f32x4.add(
        f32x4.add(f32x4.add(f32x4.add(v128.load(sum), v128.load(p)), v128.load(q)), v128.load(r)),
        v128.load(s),
      ),
    );
  for (const last = end + (bytes & 15); sum < last; sum += 4, p += 4, q += 4, r += 4, s += 4)
    store<f32>(sum, load<f32>(sum) + load<f32>(p) + load<f32>(q) + load<f32>(r) + load<f32>(s));
}

function addOne(sum: usize, p: usize, bytes: usize): void {
  const end = sum + (bytes & ~15);
  for (; sum < end; sum += 16, p += 16) v128.store(sum, f32x4.add(v128.load(sum), v128.load(p)));
  for (const last = end + (bytes & 15); sum < last; sum += 4, p += 4) store<f32>(sum, load<f32>(sum) + load<f32>(p));
}
