// Four floats at a time.

/** a · b + c, rounded once where the machine has it. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
export function total(four: v128): f32 {
  const pairs = f32x4.add(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

// @ts-ignore: decorator
@inline
export function totalInt(four: v128): i32 {
  return (
    i32x4.extract_lane(four, 0) + i32x4.extract_lane(four, 1) + i32x4.extract_lane(four, 2) + i32x4.extract_lane(four, 3)
  );
}

// @ts-ignore: decorator
@inline
export function highestLane(four: v128): f32 {
  return max(
    max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)),
    max(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)),
  );
}

/** Σ a b of rows `width` bytes long, a multiple of 16. */
// @ts-ignore: decorator
@inline
export function dot(a: usize, b: usize, width: usize): f32 {
  let four = f32x4.splat(0);
  for (let at: usize = 0; at < width; at += 16) four = multiplyAdd(v128.load(a + at), v128.load(b + at), four);
  return total(four);
}
