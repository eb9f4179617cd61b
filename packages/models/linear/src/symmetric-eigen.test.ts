import fc from 'fast-check';
import { expect, it } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.ts';

it('takes a symmetric matrix apart into orthonormal eigenvectors, the largest eigenvalue first', () => {
  const sized = fc.integer({ min: 1, max: 12 }).chain((n) =>
    fc.record({
      n: fc.constant(n),
      A: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n * n, maxLength: n * n }),
    }),
  );
  fc.assert(
    fc.property(sized, ({ n, A }) => {
      const S = Float64Array.from(A, (value, at) => value + A[(at % n) * n + Math.floor(at / n)]);
      const { values, vectors } = symmetricEigen(S.slice(), n);
      expect([...values]).toEqual([...values].sort((a, b) => b - a));
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          let [product, rebuilt] = [0, 0];
          for (let k = 0; k < n; k++) {
            product += vectors[k * n + i] * vectors[k * n + j];
            rebuilt += vectors[i * n + k] * values[k] * vectors[j * n + k];
          }
          expect(product).toBeCloseTo(i === j ? 1 : 0, 8);
          expect(rebuilt).toBeCloseTo(S[i * n + j], 7);
        }
    }),
  );
});
