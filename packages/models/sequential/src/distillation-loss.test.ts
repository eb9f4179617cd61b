import { openTensorBackend, SeededRng, tf } from '@tandem-rec/compute';
import type { Candidates, PredictionLesson } from '@tandem-rec/contract';
import { beforeAll, expect, it } from 'vitest';
import { distillationLoss } from './distillation-loss.ts';

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

const DIM = 5;
const ROWS = 6;
/** Row 1 has no history, row 4 no weight. */
const ASKED = Int32Array.of(0, 2, 3, 4, 5);
const WEIGHT = Float32Array.of(1, 1, 0.5, 2, 0, 1);
const TEMPERATURE = 2;

const shared: Candidates = { kind: 'shared', items: Int32Array.from({ length: 7 }, (_, i) => i) };
const ragged: Candidates = {
  kind: 'ragged',
  items: Int32Array.from({ length: 13 }, (_, i) => i % 7),
  offsets: Int32Array.of(0, 3, 3, 5, 9, 11, 13),
};

/** Σ_b weight_b · T² · KL(target_b ‖ softmax(⟨h_b, v⟩ / T)) / B, element by element. */
function reference(candidates: Candidates, target: Float32Array, h: Float32Array, V: Float32Array): number {
  let loss = 0;
  for (const [i, b] of ASKED.entries()) {
    const [start, end] =
      candidates.kind === 'shared' ? [0, candidates.items.length] : [candidates.offsets[b], candidates.offsets[b + 1]];
    const logits = Array.from({ length: end - start }, (_, c) => {
      let sum = 0;
      for (let d = 0; d < DIM; d++) sum += h[i * DIM + d] * V[(start + c) * DIM + d];
      return sum / TEMPERATURE;
    });
    const total = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));
    const first = candidates.kind === 'shared' ? b * (end - start) : start;
    for (const [c, z] of logits.entries()) {
      const p = target[first + c];
      if (p > 0) loss += ((WEIGHT[b] * TEMPERATURE ** 2) / ROWS) * p * (Math.log(p) - z + total);
    }
  }
  return loss;
}

it.each([
  ['shared', shared, ROWS * 7],
  ['ragged', ragged, 13],
] as const)('is the weighted divergence over %s candidates, with its gradients', (kind, candidates, length) => {
  const rng = new SeededRng(3);
  const h = Float32Array.from({ length: ASKED.length * DIM }, () => rng.normal());
  const V = Float32Array.from({ length: candidates.items.length * DIM }, () => rng.normal());
  const target = Float32Array.from({ length }, () => rng.next());
  for (let b = 0; b < ROWS; b++) {
    const [from, to] = kind === 'shared' ? [b * 7, (b + 1) * 7] : [ragged.offsets[b], ragged.offsets[b + 1]];
    const own = target.subarray(from, to);
    const sum = own.reduce((total, p) => total + p, 0);
    own.forEach((p, c) => (own[c] = p / sum));
  }
  const lesson: PredictionLesson = {
    ...{ kind: 'predictions', from: 'a', to: 'b', candidates, target, temperature: TEMPERATURE, weight: WEIGHT },
  };
  const of = (states: tf.Tensor, vectors: tf.Tensor): tf.Scalar =>
    distillationLoss(lesson, states as tf.Tensor2D, vectors as tf.Tensor2D, ASKED);
  const shapes = [tf.tensor2d(h, [ASKED.length, DIM]), tf.tensor2d(V, [candidates.items.length, DIM])] as const;
  expect(of(...shapes).dataSync()[0]).toBeCloseTo(reference(candidates, target, h, V), 5);
  const gradients = tf
    .grads(of)([...shapes])
    .map((tensor) => tensor.dataSync());
  const step = 1e-3;
  for (const [k, parameters] of [h, V].entries())
    for (let i = 0; i < parameters.length; i++) {
      const held = parameters[i];
      parameters[i] = held + step;
      const above = reference(candidates, target, h, V);
      parameters[i] = held - step;
      const below = reference(candidates, target, h, V);
      parameters[i] = held;
      expect(Math.abs(gradients[k][i] - (above - below) / (2 * step))).toBeLessThan(2e-4);
    }
});
