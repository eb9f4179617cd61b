import type { Rows } from '@tandem-rec/contract';

/** Ids in ascending order, and the place of each id in it by the number it was first met under. */
export interface DenseIds {
  readonly ids: readonly string[];
  /** `rowOf[k]` is the row of the k-th id met. */
  readonly rowOf: Rows;
}

/**
 * Numbers ids densely in ascending order, which does not depend on the order of reading: by value if every id is an
 * integer in its usual spelling, else by Unicode code points.
 */
export function denseIds(met: readonly string[]): DenseIds {
  const order = Int32Array.from(met, (_, k) => k);
  if (met.every(isCanonicalInteger)) {
    const values = Float64Array.from(met, Number);
    order.sort((a, b) => values[a] - values[b]);
  } else {
    order.sort((a, b) => compareCodePoints(met[a], met[b]));
  }
  const rowOf = new Int32Array(met.length);
  order.forEach((k, row) => (rowOf[k] = row));
  return { ids: Array.from(order, (k) => met[k]), rowOf };
}

function isCanonicalInteger(id: string): boolean {
  const value = Number(id);
  return Number.isSafeInteger(value) && String(value) === id;
}

/** JavaScript compares UTF-16 units, which puts U+FFFD after every emoji: surrogates are lifted above the rest. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return lifted(x) - lifted(y);
  }
  return a.length - b.length;
}

const lifted = (unit: number): number =>
  unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;
