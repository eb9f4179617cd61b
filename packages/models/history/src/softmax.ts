/**
 * p = softmax(z / temperature) over the `n` logits that start at `at`; a logit of `-Infinity` gets 0.
 * @returns log Σ exp(z / temperature), `-Infinity` (and zeros) if every logit is
 */
export function softmax(z: Float32Array, at: number, n: number, temperature: number, p: Float32Array): number {
  let largest = -Infinity;
  for (let i = 0; i < n; i++) if (z[at + i] > largest) largest = z[at + i];
  if (largest === -Infinity) {
    p.fill(0, 0, n);
    return -Infinity;
  }
  const scale = 1 / temperature;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const e = Math.exp((z[at + i] - largest) * scale);
    p[i] = e;
    sum += e;
  }
  const normaliser = 1 / sum;
  for (let i = 0; i < n; i++) p[i] *= normaliser;
  return largest * scale + Math.log(sum);
}
