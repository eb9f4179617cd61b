// The best items of many users by the inner product of their rows: tiles of 4 users × 8 items stay in registers as in
// gemm.ts, and only those with a score above its user's k-th best so far are looked at. Each score is summed over the
// dimensions in order, whatever the other users and items are.
import { at, pack } from './_pack';

const ITEMS: i32 = 256; // packed at a time

/** Bytes of scratch for so many users. */
export function scratchBytes(users: i32, dim: i32): usize {
  return ((<usize>(padding(users) + ITEMS)) * (<usize>dim) + (<usize>padding(users)) * 2 + 32) << 2;
}

// @ts-ignore: decorator
@inline
function padding(users: i32): i32 {
  return (users + 3) & ~3;
}

/**
 * For each of `count` users the `k` items of highest score, best first, of equal scores the lower one first: their
 * numbers to `rows`, their scores to `scores` (`count × k` each; −1 and −∞ where there are fewer). A score is user · item,
 * plus the item's element of `bias` unless that is 0. Items masked[offsets[u] … offsets[u + 1]] are left out.
 */
export function topRows(
  scratch: usize,
  users: usize,
  count: i32,
  dim: i32,
  items: usize,
  itemCount: i32,
  bias: usize,
  offsets: usize,
  masked: usize,
  k: i32,
  rows: usize,
  scores: usize,
): void {
  const padded = padding(count);
  const packedItems = scratch + at(padded, dim, 0);
  const thresholds = packedItems + at(ITEMS, dim, 0);
  const sizes = thresholds + at(0, 0, padded);
  const tile = sizes + at(0, 0, padded);
  pack(users, dim, true, count, dim, 4, scratch);
  for (let user = 0; user < padded; user++) {
    // Rows that only fill a tile have no threshold to exceed.
    store<f32>(thresholds + at(0, 0, user), user < count ? -Infinity : Infinity);
    store<i32>(sizes + at(0, 0, user), 0);
  }
  for (let block = 0; block < itemCount; block += ITEMS) {
    const width = min(ITEMS, itemCount - block);
    pack(items + at(block, dim, 0), dim, true, width, dim, 8, packedItems);
    for (let column = 0; column < width; column += 8) {
      const first = block + column;
      const biases = bias ? bias + at(0, 0, first) : 0;
      const valid = min(8, itemCount - first);
      const panel = packedItems + at(column, dim, 0);
      for (let user = 0; user < padded; user += 4) {
        const four = thresholds + at(0, 0, user);
        if (!scoreTile(scratch + at(user, dim, 0), panel, dim, biases, valid, four, tile)) continue;
        for (let u = user; u < min(user + 4, count); u++) {
          const threshold = thresholds + at(0, 0, u);
          const own = tile + at(u - user, 8, 0);
          if (!v128.any_true(either(v128.load(own), v128.load(own, 16), v128.load_splat<f32>(threshold)))) continue;
          const mask = offsets + at(0, 0, u);
          const from = masked + at(0, 0, load<i32>(mask));
          const to = masked + at(0, 0, load<i32>(mask, 4));
          for (let i = 0; i < valid; i++) {
            const score = load<f32>(own + at(0, 0, i));
            if (!(score > load<f32>(threshold)) || isMasked(first + i, from, to)) continue;
            offer(score, first + i, k, rows + at(u, k, 0), scores + at(u, k, 0), sizes + at(0, 0, u), threshold);
          }
        }
      }
    }
  }
  for (let user = 0; user < count; user++)
    sortHeap(load<i32>(sizes + at(0, 0, user)), k, rows + at(user, k, 0), scores + at(user, k, 0));
}

/** Whether a score of 4 users × 8 items exceeds its user's threshold; if so, they are stored to `tile`. */
function scoreTile(a: usize, b: usize, dim: i32, bias: usize, valid: i32, thresholds: usize, tile: usize): bool {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  for (let p = dim; p > 0; p--) {
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
  if (bias) {
    const low = v128.load(bias);
    const high = valid > 4 ? v128.load(bias, 16) : low;
    c00 = f32x4.add(c00, low);
    c01 = f32x4.add(c01, high);
    c10 = f32x4.add(c10, low);
    c11 = f32x4.add(c11, high);
    c20 = f32x4.add(c20, low);
    c21 = f32x4.add(c21, high);
    c30 = f32x4.add(c30, low);
    c31 = f32x4.add(c31, high);
  }
  const t0 = v128.load_splat<f32>(thresholds);
  const t1 = v128.load_splat<f32>(thresholds, 4);
  const t2 = v128.load_splat<f32>(thresholds, 8);
  const t3 = v128.load_splat<f32>(thresholds, 12);
  const above = v128.or(
    v128.or(either(c00, c01, t0), either(c10, c11, t1)),
    v128.or(either(c20, c21, t2), either(c30, c31, t3)),
  );
  if (!v128.any_true(above)) return false;
  v128.store(tile, c00);
  v128.store(tile, c01, 16);
  v128.store(tile, c10, 32);
  v128.store(tile, c11, 48);
  v128.store(tile, c20, 64);
  v128.store(tile, c21, 80);
  v128.store(tile, c30, 96);
  v128.store(tile, c31, 112);
  return true;
}

// @ts-ignore: decorator
@inline
function either(low: v128, high: v128, threshold: v128): v128 {
  return v128.or(f32x4.gt(low, threshold), f32x4.gt(high, threshold));
}

// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

function isMasked(item: i32, from: usize, to: usize): bool {
  const four = i32x4.splat(item);
  for (; from + 16 <= to; from += 16) if (v128.any_true(i32x4.eq(v128.load(from), four))) return true;
  for (; from < to; from += 4) if (load<i32>(from) == item) return true;
  return false;
}

/** Puts an item into a heap whose root is the worst; items come in ascending order. */
function offer(score: f32, item: i32, k: i32, rows: usize, scores: usize, size: usize, threshold: usize): void {
  let count = load<i32>(size);
  if (count < k) {
    let place = count;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      // Items ascend: of equal scores this one is the worse.
      if (load<f32>(scores + at(0, 0, parent)) < score) break;
      move(rows, scores, parent, place);
      place = parent;
    }
    put(rows, scores, place, item, score);
    store<i32>(size, ++count);
  } else siftDown(rows, scores, count, item, score);
  if (count == k) store<f32>(threshold, load<f32>(scores));
}

/** Replaces the root of a heap of `size`. */
function siftDown(rows: usize, scores: usize, size: i32, item: i32, score: f32): void {
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= size) break;
    let lowest = load<f32>(scores + at(0, 0, child));
    let row = load<i32>(rows + at(0, 0, child));
    if (child + 1 < size) {
      const other = load<f32>(scores + at(0, 0, child + 1));
      const otherRow = load<i32>(rows + at(0, 0, child + 1));
      if (isWorse(other, otherRow, lowest, row)) {
        child++;
        lowest = other;
        row = otherRow;
      }
    }
    if (!isWorse(lowest, row, score, item)) break;
    move(rows, scores, child, place);
    place = child;
  }
  put(rows, scores, place, item, score);
}

// @ts-ignore: decorator
@inline
function isWorse(score: f32, row: i32, than: f32, thanRow: i32): bool {
  return score < than || (score == than && row > thanRow);
}

// @ts-ignore: decorator
@inline
function move(rows: usize, scores: usize, from: i32, to: i32): void {
  put(rows, scores, to, load<i32>(rows + at(0, 0, from)), load<f32>(scores + at(0, 0, from)));
}

// @ts-ignore: decorator
@inline
function put(rows: usize, scores: usize, place: i32, item: i32, score: f32): void {
  store<i32>(rows + at(0, 0, place), item);
  store<f32>(scores + at(0, 0, place), score);
}

/** Best first, and nothing behind. */
function sortHeap(size: i32, k: i32, rows: usize, scores: usize): void {
  for (let end = size - 1; end > 0; end--) {
    const item = load<i32>(rows + at(0, 0, end));
    const score = load<f32>(scores + at(0, 0, end));
    move(rows, scores, 0, end);
    siftDown(rows, scores, end, item, score);
  }
  for (let place = size; place < k; place++) put(rows, scores, place, -1, -Infinity);
}
