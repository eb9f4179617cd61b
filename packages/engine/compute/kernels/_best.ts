// The best so far of many: a heap of rows and values whose root is the worst. Of equal values the lower row is the better.
import { cell } from './_address';

// @ts-ignore: decorator
@inline
export function isWorse(value: f32, row: i32, than: f32, thanRow: i32): bool {
  return value < than || (value == than && row > thanRow);
}

/** Puts an entry where it belongs below `place` of a heap of `size`. */
export function sink(rows: usize, values: usize, size: i32, place: i32, row: i32, value: f32): void {
  for (;;) {
    let child = 2 * place + 1;
    if (child >= size) break;
    let childRow = load<i32>(cell(rows, child));
    let childValue = load<f32>(cell(values, child));
    if (child + 1 < size) {
      const otherRow = load<i32>(cell(rows, child + 1));
      const otherValue = load<f32>(cell(values, child + 1));
      if (isWorse(otherValue, otherRow, childValue, childRow)) {
        child++;
        childRow = otherRow;
        childValue = otherValue;
      }
    }
    if (!isWorse(childValue, childRow, value, row)) break;
    put(rows, values, place, childRow, childValue);
    place = child;
  }
  put(rows, values, place, row, value);
}

/** Offers an entry better than the worst of `k`, rows ascending. Returns how many there are now. */
export function offer(rows: usize, values: usize, size: i32, k: i32, row: i32, value: f32): i32 {
  if (size == k) {
    sink(rows, values, size, 0, row, value);
    return size;
  }
  let place = size;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = load<f32>(cell(values, parent));
    // Rows ascend: of equal values this one is the worse.
    if (above < value) break;
    put(rows, values, place, load<i32>(cell(rows, parent)), above);
    place = parent;
  }
  put(rows, values, place, row, value);
  return size + 1;
}

/** Best first, and −1 and −∞ behind the `size` there are. */
export function sortBest(rows: usize, values: usize, size: i32, k: i32): void {
  for (let end = size - 1; end > 0; end--) {
    const row = load<i32>(cell(rows, end));
    const value = load<f32>(cell(values, end));
    put(rows, values, end, load<i32>(rows), load<f32>(values));
    sink(rows, values, end, 0, row, value);
  }
  for (let place = size; place < k; place++) put(rows, values, place, -1, -Infinity);
}

// @ts-ignore: decorator
@inline
function put(rows: usize, values: usize, place: i32, row: i32, value: f32): void {
  store<i32>(cell(rows, place), row);
  store<f32>(cell(values, place), value);
}
