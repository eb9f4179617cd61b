// The best items of many users by the inner product of their rows: tiles of 4 users × 8 items stay in registers as in
// gemm.ts, and only those with a score above its user's k-th best so far are looked at. Each score is summed over the
// dimensions in order, whatever the other users and items are.
import { at, cell } from './_address';
import { offer, sortBest } from './_best';
import { multiplyAdd } from './_lanes';
import { pack } from './_pack';
import { multiplyTile } from './_tile';

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
  const sizes = cell(thresholds, padded);
  const tile = cell(sizes, padded);
  pack(users, dim, true, count, dim, 4, scratch);
  for (let user = 0; user < padded; user++) {
    // Rows that only fill a tile have no threshold to exceed.
    store<f32>(cell(thresholds, user), user < count ? -Infinity : Infinity);
    store<i32>(cell(sizes, user), 0);
  }
  for (let block = 0; block < itemCount; block += ITEMS) {
    const width = min(ITEMS, itemCount - block);
    // For one user rows are read once, and need not be packed for others.
    const alone = count == 1 && ((dim & 3) | (width & 7)) == 0;
    if (!alone) pack(items + at(block, dim, 0), dim, true, width, dim, 8, packedItems);
    for (let column = 0; column < width; column += 8) {
      const first = block + column;
      const biases = bias ? cell(bias, first) : 0;
      const valid = min(8, itemCount - first);
      const panel = packedItems + at(column, dim, 0);
      for (let user = 0; user < padded; user += 4) {
        const four = cell(thresholds, user);
        if (alone) multiplyRows(users, items + at(first, dim, 0), at(1, dim, 0), tile);
        else multiplyTile(scratch + at(user, dim, 0), panel, dim, 1, 0, tile, 32, tile, 32);
        if (biases) addBiases(tile, biases, valid);
        const above = v128.or(
          v128.or(exceeds(tile, four), exceeds(tile + 32, four + 4)),
          v128.or(exceeds(tile + 64, four + 8), exceeds(tile + 96, four + 12)),
        );
        if (!v128.any_true(above)) continue;
        for (let u = user; u < min(user + 4, count); u++) {
          const threshold = cell(thresholds, u);
          const own = tile + at(u - user, 8, 0);
          if (!v128.any_true(exceeds(own, threshold))) continue;
          const from = cell(masked, load<i32>(cell(offsets, u)));
          const to = cell(masked, load<i32>(cell(offsets, u + 1)));
          const bestRows = rows + at(u, k, 0);
          const best = scores + at(u, k, 0);
          for (let i = 0; i < valid; i++) {
            const score = load<f32>(cell(own, i));
            if (!(score > load<f32>(threshold)) || isMasked(first + i, from, to)) continue;
            const size = offer(bestRows, best, load<i32>(cell(sizes, u)), k, first + i, score);
            store<i32>(cell(sizes, u), size);
            if (size == k) store<f32>(threshold, load<f32>(best));
          }
        }
      }
    }
  }
  for (let user = 0; user < count; user++)
    sortBest(rows + at(user, k, 0), scores + at(user, k, 0), load<i32>(cell(sizes, user)), k);
}

/** Products of one row with 8, each `width` bytes long, a multiple of 16: sums in the order of a tile's. */
function multiplyRows(user: usize, items: usize, width: usize, into: usize): void {
  let low = f32x4.splat(0);
  let high = f32x4.splat(0);
  for (const end = user + width; user < end; user += 16, items += 16) {
    low = multiplyFour(user, items, width, low);
    high = multiplyFour(user, items + 4 * width, width, high);
  }
  v128.store(into, low);
  v128.store(into, high, 16);
}

/** Adds what four dimensions make of four items, which are transposed on the way. */
// @ts-ignore: decorator
@inline
function multiplyFour(user: usize, items: usize, width: usize, sum: v128): v128 {
  const r0 = v128.load(items);
  const r1 = v128.load(items + width);
  const r2 = v128.load(items + 2 * width);
  const r3 = v128.load(items + 3 * width);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  let four = multiplyAdd(v128.load32_splat(user), v128.shuffle<f64>(low01, low23, 0, 2), sum);
  four = multiplyAdd(v128.load32_splat(user, 4), v128.shuffle<f64>(low01, low23, 1, 3), four);
  four = multiplyAdd(v128.load32_splat(user, 8), v128.shuffle<f64>(high01, high23, 0, 2), four);
  return multiplyAdd(v128.load32_splat(user, 12), v128.shuffle<f64>(high01, high23, 1, 3), four);
}

/** Adds the biases of 8 items, of which `valid` are there, to the scores of 4 users. */
function addBiases(tile: usize, bias: usize, valid: i32): void {
  const low = v128.load(bias);
  const high = valid > 4 ? v128.load(bias, 16) : low;
  for (const end = tile + 128; tile < end; tile += 32) {
    v128.store(tile, f32x4.add(v128.load(tile), low));
    v128.store(tile, f32x4.add(v128.load(tile, 16), high), 16);
  }
}

/** Whether one of 8 scores exceeds the threshold. */
// @ts-ignore: decorator
@inline
function exceeds(scores: usize, threshold: usize): v128 {
  const four = v128.load32_splat(threshold);
  return v128.or(f32x4.gt(v128.load(scores), four), f32x4.gt(v128.load(scores, 16), four));
}

function isMasked(item: i32, from: usize, to: usize): bool {
  const four = i32x4.splat(item);
  for (; from + 16 <= to; from += 16) if (v128.any_true(i32x4.eq(v128.load(from), four))) return true;
  for (; from < to; from += 4) if (load<i32>(from) == item) return true;
  return false;
}
