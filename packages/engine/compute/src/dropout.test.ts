import { beforeAll, describe, expect, it } from 'vitest';
import { Dropout } from './dropout.ts';
import { openTensorBackend } from './tensor-backend.ts';
import { tf } from './tf.ts';

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

describe('Dropout', () => {
  it('drops what its seed says, and scales up the rest', () => {
    // xorshift32 from 1 ^ 0x9e3779b9, in Python.
    const drawn = [0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1];
    const dropout = new Dropout(0.5, 1);
    const [first, second] = [tf.ones([2, 4]), tf.fill([4], 3)].map((x) => [...dropout.apply(x).dataSync()]);
    expect(first).toEqual(drawn.slice(0, 8).map((kept) => 2 * kept));
    expect(second).toEqual(drawn.slice(8).map((kept) => 6 * kept));
  });

  it('keeps the expectation', () => {
    const kept = new Dropout(0.2, 7).apply(tf.ones([20_000]));
    expect(Math.abs(tf.mean(kept).dataSync()[0] - 1)).toBeLessThan(0.01);
  });

  it('leaves everything at rate 0', () => {
    const x = tf.tensor1d([1, -2]);
    expect(new Dropout(0, 3).apply(x)).toBe(x);
  });
});
