import type { Arena } from './arena.ts';
import type { Pattern } from './pattern.ts';
import type { ArenaMatrix } from './sgemm.ts';

const ones = ({ offsets, indices }: Pattern, row: number): Int32Array =>
  indices.subarray(offsets[row], offsets[row + 1]);

/** `patternGram` in plain TypeScript. */
export function patternGramReference(
  _arena: Arena,
  X: Pattern,
  _XT: Pattern,
  { data, row, at = 0 }: ArenaMatrix,
): void {
  for (let i = 0; i < X.columns; i++) data.fill(0, at + i * row, at + i * row + i + 1);
  for (let u = 0; u < X.rows; u++)
    for (const i of ones(X, u)) for (const j of ones(X, u)) if (j <= i) data[at + i * row + j]++;
}

/** `patternTimes` in plain TypeScript. */
export function patternTimesReference(
  _arena: Arena,
  X: Pattern,
  { data, row, at = 0 }: ArenaMatrix,
  width: number,
  Y: Float32Array,
): void {
  Y.fill(0, 0, X.rows * width);
  for (let u = 0; u < X.rows; u++)
    for (const i of ones(X, u)) for (let d = 0; d < width; d++) Y[u * width + d] += data[at + i * row + d];
}

/** `patternFilter` in plain TypeScript. */
export function patternFilterReference(
  _arena: Arena,
  H: Pattern,
  X: Pattern,
  _XT: Pattern,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  Y: Float32Array,
): void {
  for (let h = 0; h < H.rows; h++) {
    const scores = new Float64Array(X.columns);
    for (let u = 0; u < X.rows; u++) {
      const met = new Set(ones(X, u));
      let weight = 0;
      for (const i of ones(H, h)) if (met.has(i)) weight += a[i];
      for (const j of met) scores[j] += weight * b[u];
    }
    for (let j = 0; j < X.columns; j++) Y[h * X.columns + j] += scores[j] * c[j];
  }
}
