import { dropoutThreshold, type Activation, type JoinedMessages } from './message-layer.ts';

/** `joinMessages` in plain TypeScript, on arrays that lie anywhere. */
export function joinMessagesReference(
  rows: number,
  { E, P, stride, at = 0, dim }: JoinedMessages,
  Z: Float32Array,
): void {
  for (let row = 0; row < rows; row++)
    for (let d = 0; d < dim; d++) {
      const [e, p] = [E[row * dim + d], P[at + row * stride + d]];
      Z[2 * row * dim + d] = e + p;
      Z[(2 * row + 1) * dim + d] = e * p;
    }
}

/** `joinMessagesBack`. */
export function joinMessagesBackReference(
  rows: number,
  { E, P, stride, at = 0, dim }: JoinedMessages,
  dZ: Float32Array,
  dE: Float32Array,
  dP: Float32Array,
): void {
  for (let row = 0; row < rows; row++)
    for (let d = 0; d < dim; d++) {
      const [sum, product] = [dZ[2 * row * dim + d], dZ[(2 * row + 1) * dim + d]];
      dE[row * dim + d] = sum + product * P[at + row * stride + d];
      dP[row * dim + d] = sum + product * E[row * dim + d];
    }
}

/** `activate`. */
export function activateReference(rows: number, activation: Activation, F: Float32Array): void {
  const { Y, dim, slope, unit, stride, at } = activation;
  for (let row = 0; row < rows; row++) {
    for (let d = 0; d < dim; d++) {
      const index = row * dim + d;
      Y[index] = factor(activation, index) * Math.max(Y[index], slope * Y[index]);
    }
    const inverse = unit ? inverseLength(Y, row, dim) : 1;
    for (let d = 0; d < dim; d++) F[at + row * stride + d] = inverse * Y[row * dim + d];
  }
}

/** `activateBack`. */
export function activateBackReference(rows: number, activation: Activation, dF: Float32Array, G: Float32Array): void {
  const { Y, dim, slope, unit, stride, at } = activation;
  for (let row = 0; row < rows; row++) {
    const inverse = unit ? inverseLength(Y, row, dim) : 1;
    let along = 0;
    if (unit) for (let d = 0; d < dim; d++) along += dF[at + row * stride + d] * Y[row * dim + d] * inverse;
    for (let d = 0; d < dim; d++) {
      const index = row * dim + d;
      const g = G[index] + inverse * (dF[at + row * stride + d] - along * inverse * Y[index]);
      G[index] = factor(activation, index) * (Y[index] >= 0 ? 1 : slope) * g;
    }
  }
}

/** What an element is multiplied by: 0 where it is dropped. */
function factor({ dropout, seed }: Activation, index: number): number {
  let x = (index + seed) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  x ^= x >>> 15;
  return x >>> 0 >= dropoutThreshold(dropout) ? 1 / (1 - dropout) : 0;
}

function inverseLength(Y: Float32Array, row: number, dim: number): number {
  let square = 0;
  for (let d = 0; d < dim; d++) square += Y[row * dim + d] ** 2;
  return 1 / Math.sqrt(Math.max(square, 1e-12));
}
