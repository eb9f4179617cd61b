import { beforeAll, describe, expect, it } from 'vitest';
import { DenseParameters } from './dense-parameters.ts';
import { declareLayerNorm, layerNorm } from './layer-norm.ts';
import { openTensorBackend } from './tensor-backend.ts';
import { tf } from './tf.ts';

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

describe('layerNorm', () => {
  const rows = [
    [1, 2, 4, -3],
    [0.5, 0.25, -2, 1],
  ];
  const scale = [1, -2, 0.5, 3];
  const shift = [0, 1, -1, 2];

  function reference(x: readonly number[]): number[] {
    const mean = x.reduce((sum, value) => sum + value) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    return x.map((value, i) => (scale[i] * (value - mean)) / Math.sqrt(variance + 1e-5) + shift[i]);
  }

  it('standardises each row, then scales and shifts it', () => {
    const weights = { 'n/scale': tf.tensor1d(scale), 'n/shift': tf.tensor1d(shift) };
    const values = layerNorm(weights, 'n', tf.tensor2d(rows)).dataSync();
    expect([...values]).toEqual(rows.flatMap(reference).map((value) => expect.closeTo(value, 5)));
  });

  it('has the gradient that differences have', () => {
    const weights = { 'n/scale': tf.tensor1d(scale), 'n/shift': tf.tensor1d(shift) };
    const loss = (x: tf.Tensor): tf.Scalar => tf.sum(tf.square(layerNorm(weights, 'n', x as tf.Tensor2D)));
    const gradient = tf.grad(loss)(tf.tensor2d(rows)).arraySync() as number[][];
    const of = (x: readonly number[]): number => reference(x).reduce((sum, value) => sum + value ** 2, 0);
    for (const [b, x] of rows.entries())
      for (const i of x.keys()) {
        const [up, down] = [1e-4, -1e-4].map((step) => of(x.map((value, j) => (j === i ? value + step : value))));
        expect(gradient[b][i]).toBeCloseTo((up - down) / 2e-4, 2);
      }
  });

  it('begins as the standardised row', () => {
    const dense = new DenseParameters({ learningRate: 1 });
    declareLayerNorm(dense, 'n', 2);
    const values = dense.run((weights) => layerNorm(weights, 'n', tf.tensor2d([[1, 3]]))).dataSync();
    expect([...values]).toEqual([expect.closeTo(-1, 4), expect.closeTo(1, 4)]);
  });
});
