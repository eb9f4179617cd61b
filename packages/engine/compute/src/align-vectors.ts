import { TandemError, type RepresentationLesson } from '@tandem-rec/contract';
import { sgemm } from './sgemm.ts';
import { softmaxRows } from './softmax.ts';

/**
 * Loss of "let your vectors come near mine", times the lesson's weight, with gradient; v are the learner's vectors,
 * t the teacher's, n of them, d wide:
 *
 * - `mse`: mean (v − t)² over all n·d numbers,
 * - `cosine`: mean 1 − cos(v_i, t_i),
 * - `info-nce`: mean −log softmax_j(cos(v_i, t_j) / T)_i: the teacher's other vectors are the negatives (van den Oord et
 *   al. 2018; RLMRec, WWW 2024, eq. 9).
 *
 * Throws `TANDEM_COMPOSE_WIDTHS_DIFFER` if the teacher's vectors are not `dim` wide.
 * @param vectors `n × dim`
 * @param gradient `n × dim`, written
 */
export function alignVectors(
  lesson: RepresentationLesson,
  dim: number,
  vectors: Float32Array,
  gradient: Float32Array,
): number {
  const { target, loss, weight } = lesson;
  const n = lesson.rows.length;
  if (target.cols !== dim)
    throw new TandemError(
      'TANDEM_COMPOSE_WIDTHS_DIFFER',
      `${lesson.from} teaches ${lesson.to} ${lesson.side} vectors that are ${target.cols} wide; allowed: ${dim}.`,
    );
  if (n === 0) return 0;
  if (loss === 'mse') return meanSquares(n * dim, weight, vectors, target.data, gradient);
  const v = normalised(vectors, n, dim);
  const t = normalised(target.data, n, dim);
  const du = new Float32Array(n * dim);
  const value =
    loss === 'cosine' ? cosine(n, dim, weight, v.units, t.units, du) : infoNce(n, dim, lesson, v.units, t.units, du);
  // Through u = v / ‖v‖: dv = (du − (du · u) u) / ‖v‖.
  for (let i = 0; i < n; i++) {
    let along = 0;
    for (let d = i * dim; d < (i + 1) * dim; d++) along += du[d] * v.units[d];
    for (let d = i * dim; d < (i + 1) * dim; d++) gradient[d] = (du[d] - along * v.units[d]) / v.norms[i];
  }
  return value;
}

function meanSquares(length: number, weight: number, v: Float32Array, t: Float32Array, gradient: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const difference = v[i] - t[i];
    sum += difference * difference;
    gradient[i] = (2 * weight * difference) / length;
  }
  return (weight * sum) / length;
}

function cosine(n: number, dim: number, weight: number, u: Float32Array, t: Float32Array, du: Float32Array): number {
  let dot = 0;
  for (let i = 0; i < n * dim; i++) {
    dot += u[i] * t[i];
    du[i] = (-weight / n) * t[i];
  }
  return weight * (1 - dot / n);
}

function infoNce(
  n: number,
  dim: number,
  { weight, temperature }: RepresentationLesson,
  u: Float32Array,
  t: Float32Array,
  du: Float32Array,
): number {
  const logits = new Float32Array(n * n);
  sgemm({ transB: true }, n, n, dim, 1 / temperature, u, t, 0, logits);
  const own = Float32Array.from({ length: n }, (_, i) => logits[i * n + i]);
  const logSums = new Float64Array(n);
  softmaxRows(logits, n, n, 1, logits, logSums);
  let value = 0;
  for (let i = 0; i < n; i++) {
    value += (weight / n) * (logSums[i] - own[i]);
    logits[i * n + i] -= 1;
  }
  sgemm({}, n, dim, n, weight / (n * temperature), logits, t, 0, du);
  return value;
}

/** Rows of length one. A row of zeros has no direction: it stays zero and moves nowhere. */
function normalised(
  rows: Float32Array,
  n: number,
  dim: number,
): { readonly units: Float32Array; readonly norms: Float32Array } {
  const units = new Float32Array(n * dim);
  const norms = new Float32Array(n).fill(Infinity);
  for (let i = 0; i < n; i++) {
    let squares = 0;
    for (let d = i * dim; d < (i + 1) * dim; d++) squares += rows[d] * rows[d];
    if (squares === 0) continue;
    norms[i] = Math.sqrt(squares);
    for (let d = i * dim; d < (i + 1) * dim; d++) units[d] = rows[d] / norms[i];
  }
  return { units, norms };
}
