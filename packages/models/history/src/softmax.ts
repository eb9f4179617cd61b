import { softmaxRows } from '@tandem-rec/compute';

const logSums = new Float64Array(1);

/**
 * p = softmax(z / temperature) over the `n` logits that start at `at`; a logit of `-Infinity` gets 0.
 * @returns log Σ exp(z / temperature), `-Infinity` (and zeros) if every logit is
 */
export function softmax(z: Float32Array, at: number, n: number, temperature: number, p: Float32Array): number {
  softmaxRows(z.subarray(at, at + n), 1, n, temperature, p, logSums);
  return logSums[0];
}
