// The dense part of a layer of neural graph collaborative filtering, row by row: what a node is told, and what it makes
// of that. Rows have `dim` floats, a multiple of four; strides are floats, addresses bytes.
import { dot } from './_lanes';

/** Squared lengths below this count as this. */
const SHORTEST: f32 = 1e-12;

/** Rows `from … to - 1` of Z = [e + p | e ⊙ p], twice as wide; rows of p are `stride` apart. */
export function joinMessages(
  scratch: usize,
  from: i32,
  to: i32,
  e: usize,
  p: usize,
  stride: i32,
  dim: i32,
  z: usize,
): void {
  const width = (<usize>dim) << 2;
  for (let row = from; row < to; row++) {
    const own = e + (<usize>row) * width;
    const told = p + (((<usize>row) * (<usize>stride)) << 2);
    const into = z + 2 * (<usize>row) * width;
    for (let d: usize = 0; d < width; d += 16) {
      const a = v128.load(own + d);
      const b = v128.load(told + d);
      v128.store(into + d, f32x4.add(a, b));
      v128.store(into + width + d, f32x4.mul(a, b));
    }
  }
}

/** The gradients of e and p from that of Z = [s | b]: de = ds + db ⊙ p, dp = ds + db ⊙ e. */
export function joinMessagesBack(
  scratch: usize,
  from: i32,
  to: i32,
  e: usize,
  p: usize,
  stride: i32,
  dim: i32,
  dZ: usize,
  dE: usize,
  dP: usize,
): void {
  const width = (<usize>dim) << 2;
  for (let row = from; row < to; row++) {
    const at = (<usize>row) * width;
    const told = p + (((<usize>row) * (<usize>stride)) << 2);
    const source = dZ + 2 * at;
    for (let d: usize = 0; d < width; d += 16) {
      const sum = v128.load(source + d);
      const product = v128.load(source + width + d);
      v128.store(dE + at + d, f32x4.add(sum, f32x4.mul(product, v128.load(told + d))));
      v128.store(dP + at + d, f32x4.add(sum, f32x4.mul(product, v128.load(e + at + d))));
    }
  }
}

/**
 * Rows `from … to - 1` of Y become drop(max(y, slope · y)), slope ≤ 1, and are written to F, whose rows are `stride`
 * apart; `unit`: scaled to length one there. An element is dropped where its hash with `seed` is below `threshold` (as
 * unsigned), and multiplied by `factor` where it is not.
 */
export function activate(
  scratch: usize,
  from: i32,
  to: i32,
  y: usize,
  dim: i32,
  slope: f32,
  threshold: i32,
  factor: f32,
  seed: i32,
  unit: bool,
  f: usize,
  stride: i32,
): void {
  const width = (<usize>dim) << 2;
  for (let row = from; row < to; row++) {
    const own = y + (<usize>row) * width;
    const into = f + (((<usize>row) * (<usize>stride)) << 2);
    for (let d: usize = 0; d < width; d += 16) {
      const value = v128.load(own + d);
      const active = f32x4.max(value, f32x4.mul(f32x4.splat(slope), value));
      const mask = kept(row * dim + <i32>(d >> 2), seed, threshold);
      v128.store(own + d, v128.and(f32x4.mul(f32x4.splat(factor), active), mask));
    }
    const inverse = f32x4.splat(unit ? inverseLength(own, width) : 1);
    for (let d: usize = 0; d < width; d += 16) v128.store(into + d, f32x4.mul(inverse, v128.load(own + d)));
  }
}

/**
 * Adds to G, the gradient of the rows that `activate` left in Y, what comes from F, and makes it the gradient of what
 * they were before: a row v̂ = v/‖v‖ of F passes on (g − ⟨g, v̂⟩ v̂) / ‖v‖.
 */
export function activateBack(
  scratch: usize,
  from: i32,
  to: i32,
  y: usize,
  dim: i32,
  slope: f32,
  threshold: i32,
  factor: f32,
  seed: i32,
  unit: bool,
  dF: usize,
  stride: i32,
  g: usize,
): void {
  const width = (<usize>dim) << 2;
  const rising = f32x4.splat(factor);
  const falling = f32x4.splat(factor * slope);
  for (let row = from; row < to; row++) {
    const at = (<usize>row) * width;
    const source = dF + (((<usize>row) * (<usize>stride)) << 2);
    const length: f32 = unit ? inverseLength(y + at, width) : 1;
    const inverse = f32x4.splat(length);
    const along = f32x4.splat(unit ? dot(source, y + at, width) * length * length : 0);
    for (let d: usize = 0; d < width; d += 16) {
      const value = v128.load(y + at + d);
      const across = f32x4.sub(v128.load(source + d), f32x4.mul(along, value));
      const sum = f32x4.add(v128.load(g + at + d), f32x4.mul(inverse, across));
      const steepness = v128.bitselect(rising, falling, f32x4.ge(value, f32x4.splat(0)));
      const mask = kept(row * dim + <i32>(d >> 2), seed, threshold);
      v128.store(g + at + d, v128.and(f32x4.mul(steepness, sum), mask));
    }
  }
}

/** All ones in the lanes of elements `index … index + 3` that are not dropped: Wellons' lowbias32 hash of index + seed. */
// @ts-ignore: decorator
@inline
function kept(index: i32, seed: i32, threshold: i32): v128 {
  let x = i32x4.add(i32x4.splat(index + seed), i32x4(0, 1, 2, 3));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x21f0aaad));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x735a2d97));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  return i32x4.ge_u(x, i32x4.splat(threshold));
}

// @ts-ignore: decorator
@inline
function inverseLength(row: usize, width: usize): f32 {
  return 1 / sqrt(max(dot(row, row, width), SHORTEST));
}
