import { grown } from './grown.ts';
import { placeRow, type PlacedRow } from './ranking-kernel.ts';
import { NOTES } from './web-assembly.ts';

// Which candidates were met in this call: those whose mark is this call's stamp. Kept between calls, so that nothing is
// allocated and nothing has to be cleared.
let marks = new Int32Array(1024);
let stamp = 0;

function newStamp(n: number): number {
  if (marks.length < n) {
    marks = new Int32Array(n * 2);
    stamp = 0;
  } else if (stamp === 2147483647) {
    marks.fill(0);
    stamp = 0;
  }
  return ++stamp;
}

/** Scores of masked candidates while they are hidden. */
let hidden = new Float32Array(64);

/**
 * The `k` best of the `n` candidates whose scores start at `offset`, best first; of equal scores the lower row first.
 * Exact. Candidates are numbered 0 … n - 1; those in `masked` (any order) are left out, and so are scores of `-Infinity`
 * and `NaN`. Writes rows and scores to `rows` and `values` (each of length ≥ k) and returns how many there are: less than
 * `k` where not enough candidates are left. Of 40,981 scores that lie in an arena this takes 27 µs, what is masked being
 * −∞ meanwhile; others are copied, and take 64 µs.
 */
export function topK(
  scores: Float32Array,
  offset: number,
  n: number,
  k: number,
  masked: Int32Array | undefined,
  rows: Int32Array,
  values: Float32Array,
): number {
  if (rows.length < k || values.length < k || offset + n > scores.length)
    throw new RangeError(
      `topK of ${n} at ${offset}, k = ${k}: ${scores.length} scores, room for ${rows.length} and ${values.length}.`,
    );
  if (k < 1) return 0;
  const placed = placeRow(scores, offset, n, 2 * k);
  const { kernel, x, ints, floats } = placed;
  if (masked) hide(placed, n, masked);
  const count = kernel.best(x, n, k, NOTES, NOTES + 4 * k);
  if (masked) show(placed, n, masked);
  for (let i = 0; i < count; i++) {
    rows[i] = ints[i];
    values[i] = floats[k + i];
  }
  return count;
}

function hide({ scores, at }: PlacedRow, n: number, masked: Int32Array): void {
  hidden = grown(hidden, masked.length);
  for (let i = 0; i < masked.length; i++) {
    const row = masked[i];
    if (!(row >= 0 && row < n)) continue;
    hidden[i] = scores[at + row];
    scores[at + row] = -Infinity;
  }
}

/** From the last: what is masked twice was hidden when it was hidden again. */
function show({ scores, at }: PlacedRow, n: number, masked: Int32Array): void {
  for (let i = masked.length - 1; i >= 0; i--) if (masked[i] >= 0 && masked[i] < n) scores[at + masked[i]] = hidden[i];
}

/**
 * How many of the `n` scores from `offset` on are above each of the `count` first `numbers`, to `above`, and how many equal
 * to it, to `equal`; none where one of the two is NaN.
 */
export function countAbove(
  scores: Float32Array,
  offset: number,
  n: number,
  numbers: Float32Array,
  count: number,
  above: Int32Array,
  equal: Int32Array,
): void {
  if (offset + n > scores.length || Math.min(numbers.length, above.length, equal.length) < count)
    throw new RangeError(`countAbove of ${n} at ${offset} and ${count} numbers: the arrays are shorter.`);
  const { kernel, x, ints, floats } = placeRow(scores, offset, n, 3 * count);
  for (let i = 0; i < count; i++) floats[i] = numbers[i];
  kernel.compare(x, n, NOTES, count, NOTES + 4 * count, NOTES + 8 * count);
  for (let i = 0; i < count; i++) {
    above[i] = ints[count + i];
    equal[i] = ints[2 * count + i];
  }
}

// Of one target.
const own = new Float32Array(1);
const above = new Int32Array(1);
const equal = new Int32Array(1);

/**
 * The 0-based rank of candidate `target` among the `n` candidates whose scores start at `offset`, those in `masked`
 * (any order; `target` in it does not matter) left out: the number of strictly greater scores plus half of the equal
 * ones, rounded down. That is the expected rank under random tie-breaking, so a model that scores all alike is not
 * rewarded for it. A target of `NaN` ranks last; other `NaN`s count as lower. Allocates nothing.
 */
export function rankOf(
  scores: Float32Array,
  offset: number,
  n: number,
  target: number,
  masked: Int32Array | undefined,
): number {
  if (!(target >= 0 && target < n) || offset + n > scores.length)
    throw new RangeError(`rankOf ${target} of ${n} at ${offset}: ${scores.length} scores.`);
  const score = (own[0] = scores[offset + target]);
  if (Number.isNaN(score)) return n - 1 - distinct(masked, n, target);
  countAbove(scores, offset, n, own, 1, above, equal);
  let greater = above[0];
  let ties = equal[0] - 1;
  const current = newStamp(n);
  for (let i = 0; masked && i < masked.length; i++) {
    const row = masked[i];
    if (row === target || row >= n || marks[row] === current) continue;
    marks[row] = current;
    const other = scores[offset + row];
    if (other > score) greater--;
    else if (other === score) ties--;
  }
  return greater + (ties >> 1);
}

/**
 * `rankOf` each row's target among all scores of its row, `rows × cols`, to `ranks`.
 * Throws RangeError for a target that is not a column.
 */
export function rankRows(
  scores: Float32Array,
  rows: number,
  cols: number,
  targets: Int32Array,
  ranks: Int32Array,
): void {
  if (scores.length < rows * cols || targets.length < rows || ranks.length < rows)
    throw new RangeError(
      `rankRows of ${rows} × ${cols}: ${scores.length} scores, ${targets.length} targets, room for ${ranks.length}.`,
    );
  for (let row = 0; row < rows; row++)
    if (!(targets[row] >= 0 && targets[row] < cols))
      throw new RangeError(`rankRows: target ${targets[row]} of ${cols} in row ${row}.`);
  for (let row = 0; row < rows; row++) {
    own[0] = scores[row * cols + targets[row]];
    countAbove(scores, row * cols, cols, own, 1, above, equal);
    // Nothing is equal to NaN.
    ranks[row] = equal[0] === 0 ? cols - 1 : above[0] + ((equal[0] - 1) >> 1);
  }
}

/** How many candidates other than `target` are masked. */
function distinct(masked: Int32Array | undefined, n: number, target: number): number {
  const current = newStamp(n);
  let count = 0;
  for (let i = 0; masked && i < masked.length; i++) {
    const row = masked[i];
    if (row === target || row >= n || marks[row] === current) continue;
    marks[row] = current;
    count++;
  }
  return count;
}
