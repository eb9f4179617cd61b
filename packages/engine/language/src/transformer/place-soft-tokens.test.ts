import { openTensorBackend, tf } from '@tandem-rec/compute';
import { beforeAll, expect, it } from 'vitest';
import { placeSoftTokens } from './place-soft-tokens.ts';

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

it('puts soft tokens among words, and parts their gradients', () => {
  const words = tf.tensor2d([1, 1, 2, 2, 3, 3], [3, 2]);
  const soft = tf.tensor2d([7, 8, 9, 10], [2, 2]);
  const place = (w: tf.Tensor, s: tf.Tensor): tf.Tensor2D =>
    placeSoftTokens(w as tf.Tensor2D, s as tf.Tensor2D, Int32Array.of(2, 0));
  expect([...place(words, soft).dataSync()]).toEqual([9, 10, 2, 2, 7, 8]);
  const weights = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
  const [dWords, dSoft] = tf.grads((w: tf.Tensor, s: tf.Tensor) => tf.sum(tf.mul(place(w, s), weights)))([words, soft]);
  expect([...dWords.dataSync()]).toEqual([0, 0, 3, 4, 0, 0]);
  expect([...dSoft.dataSync()]).toEqual([5, 6, 1, 2]);
  expect(() => placeSoftTokens(words, soft, Int32Array.of(1, 1))).toThrow(RangeError);
  expect(() => placeSoftTokens(words, soft, Int32Array.of(3))).toThrow(/Row 3 of 3/);
});
