import { DenseParameters, openTensorBackend, SeededRng, tf } from '@tandem-rec/compute';
import { beforeAll, expect, it } from 'vitest';
import { softmaxLoss } from './softmax-loss.ts';

const [N, C, D] = [4, 5, 3];
const COLUMNS = Int32Array.of(2, 0, 2, 4);
const rng = new SeededRng(3);
const random = (length: number) => Float32Array.from({ length }, () => rng.normal());
const [h, V, logQ] = [random(N * D), random(C * D), random(C)];

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

function reference(states: Float32Array, vectors: Float32Array, correction?: Float32Array): number {
  let loss = 0;
  for (let i = 0; i < N; i++) {
    const z = Array.from({ length: C }, (_, c) => {
      let sum = -(correction?.[c] ?? 0);
      for (let d = 0; d < D; d++) sum += states[i * D + d] * vectors[c * D + d];
      return sum;
    });
    loss += (Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0)) - z[COLUMNS[i]]) / N;
  }
  return loss;
}

it.each([
  ['over all items', undefined],
  ['corrected by logQ', logQ],
] as const)('is the mean cross-entropy %s, with its gradient', (_name, correction) => {
  const dense = new DenseParameters({ learningRate: 0 });
  dense.declare('unused', [1]);
  const { loss, inputGradients } = dense.step(
    (_weights, inputs) => softmaxLoss(inputs['h'] as tf.Tensor2D, inputs['V'] as tf.Tensor2D, COLUMNS, correction),
    { h: { data: h, shape: [N, D] }, V: { data: V, shape: [C, D] } },
  );
  expect(loss).toBeCloseTo(reference(h, V, correction), 5);
  for (const [name, values] of [
    ['h', h],
    ['V', V],
  ] as const)
    for (const [i, gradient] of inputGradients[name].entries()) {
      const at = (by: number): number => {
        const moved = values.slice();
        moved[i] += by;
        return name === 'h' ? reference(moved, V, correction) : reference(h, moved, correction);
      };
      expect(gradient).toBeCloseTo((at(1e-3) - at(-1e-3)) / 2e-3, 3);
    }
});
