import fc from 'fast-check';
import { SeededRng } from './seeded-rng.ts';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.ts';

/** That the columns of V are orthonormal and A = V Λ Vᵀ, the largest eigenvalue first. */
function takesApart(A: Float64Array, n: number, digits: number): void {
  const { values, vectors } = symmetricEigen(A, n);
  expect([...values]).toEqual([...values].sort((a, b) => b - a));
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let [product, rebuilt] = [0, 0];
      for (let k = 0; k < n; k++) {
        product += vectors[k * n + i] * vectors[k * n + j];
        rebuilt += values[k] * vectors[i * n + k] * vectors[j * n + k];
      }
      expect(product).toBeCloseTo(i === j ? 1 : 0, digits);
      expect(rebuilt).toBeCloseTo(A[i * n + j], digits);
    }
}

describe('symmetricEigen', () => {
  it.each([1, 2, 3, 17, 60])('decomposes a random matrix of side %i', (n) => {
    const rng = new SeededRng(n);
    const A = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = rng.normal();
    takesApart(A, n, 10);
  });

  it('decomposes whatever whole numbers are in it', () => {
    const sized = fc.integer({ min: 1, max: 12 }).chain((n) =>
      fc.record({
        n: fc.constant(n),
        A: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n * n, maxLength: n * n }),
      }),
    );
    fc.assert(
      fc.property(sized, ({ n, A }) => {
        const S = Float64Array.from(A, (value, at) => value + A[(at % n) * n + Math.floor(at / n)]);
        takesApart(S, n, 10);
      }),
    );
  });

  it('takes rank-deficient and zero matrices', () => {
    const { values } = symmetricEigen(Float64Array.of(1, 1, 0, 1, 1, 0, 0, 0, 0), 3);
    expect(values[0]).toBeCloseTo(2, 12);
    expect(Math.abs(values[2])).toBeLessThan(1e-12);
    expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
  });
});
