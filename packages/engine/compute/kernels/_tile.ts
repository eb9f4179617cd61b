// The innermost loop of products of matrices. Larger tiles spill: there are 16 SIMD registers.
import { multiplyAdd } from './_lanes';

/**
 * C = alpha · A · B + beta · D of a packed panel of 4 rows and one of 8 columns, which stays in registers while it is
 * summed, depth by depth; rows of C are `row` and those of D `rowD` bytes apart. D is not read when beta is 0.
 */
export function multiplyTile(a: usize, b: usize, depth: i32, alpha: f32, beta: f32, c: usize, row: usize, d: usize, rowD: usize): void {
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
  storeFour(c, d, c00, scale, keep, read);
  storeFour(c + 16, d + 16, c01, scale, keep, read);
  storeFour(c + row, d + rowD, c10, scale, keep, read);
  storeFour(c + row + 16, d + rowD + 16, c11, scale, keep, read);
  storeFour(c + 2 * row, d + 2 * rowD, c20, scale, keep, read);
  storeFour(c + 2 * row + 16, d + 2 * rowD + 16, c21, scale, keep, read);
  storeFour(c + 3 * row, d + 3 * rowD, c30, scale, keep, read);
  storeFour(c + 3 * row + 16, d + 3 * rowD + 16, c31, scale, keep, read);
}

// @ts-ignore: decorator
@inline
function storeFour(c: usize, d: usize, sum: v128, scale: v128, keep: v128, read: bool): void {
  const product = f32x4.mul(sum, scale);
  v128.store(c, read ? f32x4.add(product, f32x4.mul(keep, v128.load(d))) : product);
}
