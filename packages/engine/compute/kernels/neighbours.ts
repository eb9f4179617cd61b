// Nearest rows of a sparse matrix by their inner products, and the votes of neighbours. Addresses are bytes.
import { cell } from './_address';
import { isWorse, sink } from './_best';

/**
 * Rows `from … to - 1` of S = Wᵀ W (items × items, W: users × items, sparse, its entries above zero), one at a time as
 * Gustavson ("Two fast algorithms for sparse matrices", ACM TOMS 1978) multiplies; of each row the `k` largest products, of
 * equal ones those of the lower items. Row r goes to `neighbours` and `weights` from r · k, in no order; `lengths[r]` says
 * how many.
 * W is given twice: by item (`itemOffsets`, `users`, `userWeights`) and by user (`userOffsets`, `members`, `memberWeights`).
 * Scratch: 4 · items + 4 · (items + 1) bytes.
 */
export function similar(
  scratch: usize,
  from: i32,
  to: i32,
  items: i32,
  k: i32,
  itemOffsets: usize,
  users: usize,
  userWeights: usize,
  userOffsets: usize,
  members: usize,
  memberWeights: usize,
  neighbours: usize,
  weights: usize,
  lengths: usize,
): void {
  const sums = scratch;
  const touched = scratch + ((<usize>items) << 2);
  memory.fill(sums, 0, (<usize>items) << 2);
  for (let row = from; row < to; row++) {
    let found = touched;
    const end = load<i32>(cell(itemOffsets, row + 1));
    for (let entry = load<i32>(cell(itemOffsets, row)); entry < end; entry++) {
      const user = load<i32>(cell(users, entry));
      const own = load<f32>(cell(userWeights, entry));
      const last = cell(members, load<i32>(cell(userOffsets, user + 1)));
      const apart = memberWeights - members;
      for (let member = cell(members, load<i32>(cell(userOffsets, user))); member < last; member += 4) {
        const item = load<i32>(member);
        const sum = cell(sums, item);
        const before = load<f32>(sum);
        // Written always and kept where it is new: a branch would be guessed wrong as often as right.
        store<i32>(found, item);
        found += usize(before == 0) << 2;
        store<f32>(sum, before + own * load<f32>(member + apart));
      }
    }
    const start = (<usize>row) * (<usize>k) << 2;
    store<i32>(cell(lengths, row), largest(sums, touched, found, k, neighbours + start, weights + start));
  }
}

/** Moves what is worth keeping from `sums` to a row of `k`, and clears `sums`. Returns how many there are. */
function largest(sums: usize, touched: usize, end: usize, k: i32, rows: usize, values: usize): i32 {
  let size = 0;
  let entry = touched;
  const few = min(end, touched + ((<usize>k) << 2));
  for (; entry < few; entry += 4, size++) {
    const item = load<i32>(entry);
    const sum = cell(sums, item);
    store<i32>(cell(rows, size), item);
    store<f32>(cell(values, size), load<f32>(sum));
    store<f32>(sum, 0);
  }
  if (entry == end) return size;
  // A heap whose root is the worst of those kept.
  for (let parent = (k >> 1) - 1; parent >= 0; parent--)
    sink(rows, values, k, parent, load<i32>(cell(rows, parent)), load<f32>(cell(values, parent)));
  for (; entry < end; entry += 4) {
    const item = load<i32>(entry);
    const sum = cell(sums, item);
    const value = load<f32>(sum);
    store<f32>(sum, 0);
    if (isWorse(load<f32>(values), load<i32>(rows), value, item)) sink(rows, values, k, 0, item, value);
  }
  return k;
}

/**
 * Scores of all items for the histories `from … to - 1`: ln(Σ_h S_h,i + prior_i), where S_h are the rows that `similar`
 * found. `starts` and `ends` bound each history in `history`; what is not among the `items` does not vote. `base` is
 * ln(prior), for items without a vote. The scores of history b begin at b · items. Scratch as for `similar`.
 */
export function vote(
  scratch: usize,
  from: i32,
  to: i32,
  items: i32,
  k: i32,
  starts: usize,
  ends: usize,
  history: usize,
  neighbours: usize,
  weights: usize,
  lengths: usize,
  priors: usize,
  base: usize,
  scores: usize,
): void {
  const sums = scratch;
  const width = (<usize>items) << 2;
  const touched = scratch + width;
  memory.fill(sums, 0, width);
  for (let row = from; row < to; row++) {
    let found = touched;
    const end = load<i32>(cell(ends, row));
    for (let entry = load<i32>(cell(starts, row)); entry < end; entry++) {
      const past = load<i32>(cell(history, entry));
      if (<u32>past >= <u32>items) continue;
      const start = (<usize>past) * (<usize>k) << 2;
      const last = neighbours + start + ((<usize>load<i32>(cell(lengths, past))) << 2);
      const apart = weights - neighbours;
      for (let neighbour = neighbours + start; neighbour < last; neighbour += 4) {
        const item = load<i32>(neighbour);
        const sum = cell(sums, item);
        const before = load<f32>(sum);
        store<i32>(found, item);
        found += usize(before == 0) << 2;
        store<f32>(sum, before + load<f32>(neighbour + apart));
      }
    }
    const out = scores + (<usize>row) * width;
    memory.copy(out, base, width);
    for (let entry = touched; entry < found; entry += 4) {
      const item = load<i32>(entry);
      const sum = cell(sums, item);
      store<f32>(cell(out, item), ln(load<f32>(sum) + load<f32>(cell(priors, item))));
      store<f32>(sum, 0);
    }
  }
}

/** ln x for normal x > 0, relative error below 2e-7: x = 2^e m with m in [√½, √2), a polynomial for ln m (Cephes). */
// @ts-ignore: decorator
@inline
function ln(x: f32): f32 {
  const bits = reinterpret<i32>(x) - 0x3f3504f3;
  const e = <f32>(bits >> 23);
  const f = reinterpret<f32>((bits & 0x7fffff) + 0x3f3504f3) - 1;
  let p: f32 = 7.0376836292e-2;
  p = p * f - <f32>1.1514610310e-1;
  p = p * f + <f32>1.1676998740e-1;
  p = p * f - <f32>1.2420140846e-1;
  p = p * f + <f32>1.4249322787e-1;
  p = p * f - <f32>1.6668057665e-1;
  p = p * f + <f32>2.0000714765e-1;
  p = p * f - <f32>2.4999993993e-1;
  p = p * f + <f32>3.3333331174e-1;
  const square = f * f;
  return e * <f32>0.69314718056 + (f + (square * f * p - <f32>0.5 * square));
}
