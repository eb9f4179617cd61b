import type { CrossEntropy, Pooling } from './history-steps.ts';

/** `poolHistories` in plain TypeScript, on arrays that lie anywhere. */
export function poolReference({ batch, dim, heads, c, ...pooling }: Pooling): void {
  c.fill(0, 0, batch * heads * dim);
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++)
      for (const { row, weight } of placesOf(pooling, b, head))
        for (let d = 0; d < dim; d++) c[(b * heads + head) * dim + d] += weight * pooling.E[row * dim + d];
}

/** `poolHistoriesBackward` in plain TypeScript. */
export function poolBackwardReference(
  { batch, dim, heads, c, ...pooling }: Pooling,
  dc: Float32Array,
  dE: Float32Array,
  dw: Float32Array,
): void {
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++) {
      const at = (b * heads + head) * dim;
      let mean = 0;
      for (let d = 0; d < dim; d++) mean += dc[at + d] * c[at + d];
      for (const { row, weight, k } of placesOf(pooling, b, head)) {
        let along = 0;
        for (let d = 0; d < dim; d++) {
          along += dc[at + d] * pooling.E[row * dim + d];
          dE[row * dim + d] += weight * dc[at + d];
        }
        dw[head * pooling.positions + k] += weight * (along - mean);
      }
    }
}

function placesOf(
  { positions, offsets, rows, exps, inverses }: Pick<Pooling, 'positions' | 'offsets' | 'rows' | 'exps' | 'inverses'>,
  b: number,
  head: number,
): { readonly k: number; readonly row: number; readonly weight: number }[] {
  const length = offsets[b + 1] - offsets[b];
  return Array.from({ length }, (_, k) => ({
    k,
    row: rows[offsets[b] + k],
    weight: exps[head * positions + k] * inverses[head * positions + length - 1],
  }));
}

/** `crossEntropyRows` in plain TypeScript. */
export function crossEntropyReference({ rows, stride, z, shifts, targets, slopes }: CrossEntropy): number {
  let loss = 0;
  for (let b = 0; b < rows; b++) {
    const logits = Array.from(z.subarray(b * stride, (b + 1) * stride), (value, j) => value + shifts[j]);
    const highest = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
    loss += Math.log(sum) + highest - logits[targets[b]];
    for (let j = 0; j < stride; j++) {
      z[b * stride + j] = Math.exp(logits[j] - highest) / sum - (j === targets[b] ? 1 : 0);
      slopes[j] += z[b * stride + j];
    }
  }
  return loss;
}
