/** `sampledSoftmax` for one pair in plain TypeScript: its loss and the gradients of its vectors and of the negatives. */
export function sampledSoftmaxReference(
  u: Float32Array,
  p: Float32Array,
  negatives: readonly Float32Array[],
  shifts: ArrayLike<number>,
  competes: readonly boolean[],
  factor: number,
): { loss: number; du: number[]; dp: number[]; dn: number[][] } {
  const logits = negatives.map((n, j) => (competes[j] ? factor * dot(u, n) + shifts[j] : -Infinity));
  const own = factor * dot(u, p);
  const total = [own, ...logits].reduce((sum, logit) => sum + Math.exp(logit - own), 0);
  const shares = logits.map((logit) => Math.exp(logit - own) / total);
  const pull = 1 / total - 1;
  return {
    loss: Math.log(total),
    du: Array.from(u, (_, d) => factor * negatives.reduce((sum, n, j) => sum + shares[j] * n[d], pull * p[d])),
    dp: Array.from(u, (value) => factor * pull * value),
    dn: shares.map((share) => Array.from(u, (value) => factor * share * value)),
  };
}

/** `bprPairs` for one pair. */
export function bprReference(
  u: Float32Array,
  p: Float32Array,
  n: Float32Array,
  factor: number,
): { loss: number; du: number[]; dp: number[]; dn: number[] } {
  const x = factor * (dot(u, p) - dot(u, n));
  const slope = -factor / (1 + Math.exp(x));
  return {
    loss: Math.log1p(Math.exp(-x)),
    du: Array.from(u, (_, d) => slope * (p[d] - n[d])),
    dp: Array.from(u, (value) => slope * value),
    dn: Array.from(u, (value) => -slope * value),
  };
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, d) => sum + value * b[d], 0);
