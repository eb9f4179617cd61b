import { beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { bagOfRows } from './bag-of-rows.ts';
import { SeededRng } from './seeded-rng.ts';
import { openTensorBackend } from './tensor-backend.ts';
import { tf } from './tf.ts';

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

describe('bagOfRows', () => {
  it('is a product with the dense form of the sparse matrix, gradient included', () => {
    const bag = fc.array(fc.tuple(fc.nat(6), fc.double({ min: -2, max: 2, noNaN: true })), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(bag, { minLength: 1, maxLength: 6 }), fc.boolean(), (bags, weighted) => {
        const [rows, dim] = [7, 3];
        const pairs = bags.flat();
        const offsets = Int32Array.of(0, ...bags.map((_, b) => bags.slice(0, b + 1).flat().length));
        const indices = Int32Array.from(pairs, ([row]) => row);
        const weights = weighted ? Float32Array.from(pairs, ([, weight]) => weight) : undefined;
        const dense = new Float32Array(bags.length * rows);
        bags.forEach((pairsOf, b) =>
          pairsOf.forEach(([row, weight]) => (dense[b * rows + row] += weighted ? weight : 1)),
        );
        const rng = new SeededRng(1);
        const values = Float32Array.from({ length: rows * dim }, () => rng.normal());
        const [ours, expected] = tf.tidy(() => {
          const table = tf.tensor2d(values, [rows, dim]);
          const matrix = tf.tensor2d(dense, [bags.length, rows]);
          const both = [
            (x: tf.Tensor2D) => bagOfRows(x, offsets, indices, weights),
            (x: tf.Tensor2D) => tf.matMul(matrix, x),
          ];
          return both.map((operation) => {
            const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => tf.sum(tf.square(operation(x as tf.Tensor2D))))(
              table,
            );
            return [...operation(table).dataSync(), ...grad.dataSync(), ...value.dataSync()];
          });
        });
        ours.forEach((value, i) =>
          expect(Math.abs(value - expected[i])).toBeLessThan(1e-3 * (1 + Math.abs(expected[i]))),
        );
      }),
      { numRuns: 60 },
    );
    expect(tf.memory().numTensors).toBe(0);
  });

  it('refuses rows that are not there and offsets that do not fit', () => {
    tf.tidy(() => {
      const table = tf.ones([2, 2]) as tf.Tensor2D;
      expect(() => bagOfRows(table, Int32Array.of(0, 1), Int32Array.of(2))).toThrow('row 2 of 2');
      expect(() => bagOfRows(table, Int32Array.of(0, 2), Int32Array.of(1))).toThrow(RangeError);
    });
  });
});
