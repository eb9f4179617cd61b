// Rows of implicit alternating least squares: each solves (w·G + ridge·I + Σ h hᵀ) x = Σ h over the rows h it met. Widths are
// multiples of 16; what pads them is zero in every matrix and stays so.
import { factorUpper, solveUpper } from './_cholesky';
import { multiplyAdd, total } from './_lanes';

/**
 * Rows `from … to - 1` of `rows`; those of row r met are `items[offsets[r] … offsets[r + 1])` of `other`. `gram` is w·G. To
 * `losses` goes xᵀAx − 2bᵀx + n of each row. With `steps` from 0 on by conjugate gradients from where a row is now (Hestenes
 * and Stiefel 1952; for this system Takács, Pilászy and Tikk 2011), without forming the matrix: scratch 4 vectors. Else by
 * Cholesky's decomposition of it: scratch dim + 2 vectors; a row whose matrix is singular to rounding stays as it is.
 */
export function solveRows(
  scratch: usize,
  from: i32,
  to: i32,
  dim: i32,
  steps: i32,
  gram: usize,
  offsets: usize,
  items: usize,
  other: usize,
  rows: usize,
  ridges: usize,
  losses: usize,
): void {
  const width = (<usize>dim) << 2;
  for (let row = from; row < to; row++) {
    const x = rows + <usize>row * width;
    const own = (<usize>row) << 2;
    const start = load<i32>(offsets + own);
    const count = load<i32>(offsets + own, 4) - start;
    const met = items + ((<usize>start) << 2);
    const ridge = load<f32>(ridges + own);
    let loss: f32 = 0;
    if (count == 0) memory.fill(x, 0, width);
    else if (steps >= 0) loss = conjugateGradients(scratch, gram, ridge, dim, met, count, other, x, steps);
    else loss = cholesky(scratch, gram, ridge, dim, met, count, other, x);
    store<f32>(losses + own, loss);
  }
}

function conjugateGradients(
  scratch: usize,
  gram: usize,
  ridge: f32,
  dim: i32,
  met: usize,
  count: i32,
  other: usize,
  x: usize,
  steps: i32,
): f32 {
  const width = (<usize>dim) << 2;
  const b = scratch;
  const residual = b + width;
  const p = residual + width;
  const q = p + width;
  product(gram, ridge, dim, met, count, other, x, q);
  sum(met, count, other, width, b);
  for (let at: usize = 0; at < width; at += 16) {
    const r = f32x4.sub(v128.load(b + at), v128.load(q + at));
    v128.store(residual + at, r);
    v128.store(p + at, r);
  }
  let size = dot(residual, residual, width);
  for (let step = 0; step < steps && size > 1e-20; step++) {
    product(gram, ridge, dim, met, count, other, p, q);
    const alpha = size / dot(p, q, width);
    add(alpha, p, x, width);
    add(-alpha, q, residual, width);
    const next = dot(residual, residual, width);
    const beta = f32x4.splat(next / size);
    for (let at: usize = 0; at < width; at += 16)
      v128.store(p + at, multiplyAdd(beta, v128.load(p + at), v128.load(residual + at)));
    size = next;
  }
  add(1, residual, b, width);
  return <f32>count - dot(x, b, width);
}

function cholesky(
  scratch: usize,
  gram: usize,
  ridge: f32,
  dim: i32,
  met: usize,
  count: i32,
  other: usize,
  x: usize,
): f32 {
  const width = (<usize>dim) << 2;
  const b = scratch;
  const diagonal = b + width;
  const A = diagonal + width;
  form(gram, ridge, dim, met, count, other, A);
  for (let k: usize = 0; k < width; k += 4) store<f32>(diagonal + k, load<f32>(A + k * <usize>dim + k));
  sum(met, count, other, width, b);
  if (factorUpper(A, dim, diagonal) < 0) {
    memory.copy(x, b, width);
    solveUpper(A, dim, x);
  }
  return <f32>count - dot(x, b, width);
}

/** y = w·G x + ridge·x + Σ h ⟨h, x⟩. */
function product(
  gram: usize,
  ridge: f32,
  dim: i32,
  met: usize,
  count: i32,
  other: usize,
  x: usize,
  y: usize,
): void {
  const width = (<usize>dim) << 2;
  const scale = f32x4.splat(ridge);
  for (let at: usize = 0; at < width; at += 64) {
    let y0 = f32x4.mul(scale, v128.load(x + at));
    let y1 = f32x4.mul(scale, v128.load(x + at, 16));
    let y2 = f32x4.mul(scale, v128.load(x + at, 32));
    let y3 = f32x4.mul(scale, v128.load(x + at, 48));
    let g = gram + at;
    for (let k: usize = 0; k < width; k += 4, g += width) {
      const value = v128.load_splat<f32>(x + k);
      y0 = multiplyAdd(value, v128.load(g), y0);
      y1 = multiplyAdd(value, v128.load(g, 16), y1);
      y2 = multiplyAdd(value, v128.load(g, 32), y2);
      y3 = multiplyAdd(value, v128.load(g, 48), y3);
    }
    v128.store(y + at, y0);
    v128.store(y + at, y1, 16);
    v128.store(y + at, y2, 32);
    v128.store(y + at, y3, 48);
  }
  let i = 0;
  for (; i + 4 <= count; i += 4, met += 16) {
    const h0 = other + <usize>load<i32>(met) * width;
    const h1 = other + <usize>load<i32>(met, 4) * width;
    const h2 = other + <usize>load<i32>(met, 8) * width;
    const h3 = other + <usize>load<i32>(met, 12) * width;
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    for (let at: usize = 0; at < width; at += 16) {
      const value = v128.load(x + at);
      s0 = multiplyAdd(value, v128.load(h0 + at), s0);
      s1 = multiplyAdd(value, v128.load(h1 + at), s1);
      s2 = multiplyAdd(value, v128.load(h2 + at), s2);
      s3 = multiplyAdd(value, v128.load(h3 + at), s3);
    }
    s0 = f32x4.splat(total(s0));
    s1 = f32x4.splat(total(s1));
    s2 = f32x4.splat(total(s2));
    s3 = f32x4.splat(total(s3));
    for (let at: usize = 0; at < width; at += 16) {
      let value = multiplyAdd(s0, v128.load(h0 + at), v128.load(y + at));
      value = multiplyAdd(s1, v128.load(h1 + at), value);
      value = multiplyAdd(s2, v128.load(h2 + at), value);
      v128.store(y + at, multiplyAdd(s3, v128.load(h3 + at), value));
    }
  }
  for (; i < count; i++, met += 4) {
    const h = other + <usize>load<i32>(met) * width;
    add(dot(h, x, width), h, y, width);
  }
}

/** b = Σ h. */
function sum(met: usize, count: i32, other: usize, width: usize, b: usize): void {
  memory.fill(b, 0, width);
  for (let i = 0; i < count; i++, met += 4) add(1, other + <usize>load<i32>(met) * width, b, width);
}

/** The upper triangle of A = w·G + ridge·I + Σ h hᵀ. */
function form(gram: usize, ridge: f32, dim: i32, met: usize, count: i32, other: usize, A: usize): void {
  const width = (<usize>dim) << 2;
  memory.copy(A, gram, <usize>dim * width);
  for (let k: usize = 0; k < width; k += 4) {
    const diagonal = A + k * <usize>dim + k;
    store<f32>(diagonal, load<f32>(diagonal) + ridge);
  }
  let i = 0;
  for (; i + 4 <= count; i += 4, met += 16) {
    const h0 = other + <usize>load<i32>(met) * width;
    const h1 = other + <usize>load<i32>(met, 4) * width;
    const h2 = other + <usize>load<i32>(met, 8) * width;
    const h3 = other + <usize>load<i32>(met, 12) * width;
    for (let k: usize = 0, row = A; k < width; k += 4, row += width) {
      const v0 = v128.load32_splat(h0 + k);
      const v1 = v128.load32_splat(h1 + k);
      const v2 = v128.load32_splat(h2 + k);
      const v3 = v128.load32_splat(h3 + k);
      for (let at = k & ~15; at < width; at += 16) {
        let value = multiplyAdd(v0, v128.load(h0 + at), v128.load(row + at));
        value = multiplyAdd(v1, v128.load(h1 + at), value);
        value = multiplyAdd(v2, v128.load(h2 + at), value);
        v128.store(row + at, multiplyAdd(v3, v128.load(h3 + at), value));
      }
    }
  }
  for (; i < count; i++, met += 4) {
    const h = other + <usize>load<i32>(met) * width;
    for (let k: usize = 0, row = A; k < width; k += 4, row += width) {
      const value = v128.load32_splat(h + k);
      for (let at = k & ~15; at < width; at += 16)
        v128.store(row + at, multiplyAdd(value, v128.load(h + at), v128.load(row + at)));
    }
  }
}

/** In two sums, each of which waits for itself only. */
function dot(a: usize, b: usize, width: usize): f32 {
  let one = f32x4.splat(0), two = f32x4.splat(0);
  for (let at: usize = 0; at < width; at += 32) {
    one = multiplyAdd(v128.load(a + at), v128.load(b + at), one);
    two = multiplyAdd(v128.load(a + at, 16), v128.load(b + at, 16), two);
  }
  return total(f32x4.add(one, two));
}

/** y += scale · x. */
function add(scale: f32, x: usize, y: usize, width: usize): void {
  const four = f32x4.splat(scale);
  for (let at: usize = 0; at < width; at += 16)
    v128.store(y + at, multiplyAdd(four, v128.load(x + at), v128.load(y + at)));
}
