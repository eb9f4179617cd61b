import { placeScores, rowKernel } from './row-kernel.ts';

// Which candidates are masked in this call: those whose mark is this call's stamp. Kept between calls, so that nothing
// is allocated and nothing has to be cleared.
let marks = new Int32Array(1024);
let stamp = 0;

function mark(masked: Int32Array | undefined, n: number): number {
  if (marks.length < n) {
    marks = new Int32Array(n * 2);
    stamp = 0;
  } else if (stamp === 2147483647) {
    marks.fill(0);
    stamp = 0;
  }
  stamp++;
  if (masked) for (let i = 0; i < masked.length; i++) if (masked[i] < n) marks[masked[i]] = stamp;
  return stamp;
}

/**
 * The `k` best of the `n` candidates whose scores start at `offset`, best first; of equal scores the lower row first.
 * Exact, by a bounded heap. Candidates are numbered 0 … n - 1; those in `masked` (any order) are left out, and so are
 * scores of `-Infinity` and `NaN`. Writes rows and scores to `rows` and `values` (each of length ≥ k) and returns how
 * many there are: less than `k` where not enough candidates are left. Allocates nothing.
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
  const current = mark(masked, n);
  let size = 0;
  let threshold = -Infinity;
  if (k < 1) return 0;
  for (let row = 0; row < n; row++) {
    const score = scores[offset + row];
    // Rows ascend, so an equal score never displaces one that is there.
    if (!(score > threshold) || marks[row] === current) continue;
    if (size < k) siftUp(rows, values, size++, row, score);
    else siftDown(rows, values, size, row, score);
    if (size === k) threshold = values[0];
  }
  for (let end = size - 1; end > 0; end--) {
    const [row, value] = [rows[end], values[end]];
    rows[end] = rows[0];
    values[end] = values[0];
    siftDown(rows, values, end, row, value);
  }
  return size;
}

/** Places an entry at the end of a heap whose root is the worst. */
function siftUp(rows: Int32Array, values: Float32Array, at: number, row: number, value: number): void {
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(value, row, values[parent], rows[parent])) break;
    rows[at] = rows[parent];
    values[at] = values[parent];
    at = parent;
  }
  rows[at] = row;
  values[at] = value;
}

/** Replaces the root of a heap of `size`. */
function siftDown(rows: Int32Array, values: Float32Array, size: number, row: number, value: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && isWorse(values[child + 1], rows[child + 1], values[child], rows[child])) child++;
    if (!isWorse(values[child], rows[child], value, row)) break;
    rows[at] = rows[child];
    values[at] = values[child];
    at = child;
  }
  rows[at] = row;
  values[at] = value;
}

function isWorse(value: number, row: number, than: number, thanRow: number): boolean {
  return value < than || (value === than && row > thanRow);
}

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
  const own = scores[offset + target];
  if (Number.isNaN(own)) return n - 1 - distinct(masked, n, target);
  let greater = 0;
  let equal = -1;
  for (let row = offset; row < offset + n; row++) {
    const score = scores[row];
    if (score > own) greater++;
    else if (score === own) equal++;
  }
  const current = mark(undefined, n);
  for (let i = 0; masked && i < masked.length; i++) {
    const row = masked[i];
    if (row === target || row >= n || marks[row] === current) continue;
    marks[row] = current;
    const score = scores[offset + row];
    if (score > own) greater--;
    else if (score === own) equal--;
  }
  return greater + (equal >> 1);
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
  const { ints, about, x } = placeScores(scores, rows, cols);
  const to = about / 4;
  ints.set(targets.subarray(0, rows), to);
  rowKernel.countAbove(x, rows, cols, about, about + 4 * rows);
  for (let row = 0, at = to + rows; row < rows; row++, at += 2) {
    const [greater, equal] = [ints[at], ints[at + 1]];
    ranks[row] = equal === 0 ? cols - 1 : greater + ((equal - 1) >> 1);
  }
}

/** How many candidates other than `target` are masked. */
function distinct(masked: Int32Array | undefined, n: number, target: number): number {
  const current = mark(undefined, n);
  let count = 0;
  for (let i = 0; masked && i < masked.length; i++) {
    const row = masked[i];
    if (row === target || row >= n || marks[row] === current) continue;
    marks[row] = current;
    count++;
  }
  return count;
}
