import { SeededRng } from './seeded-rng.ts';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.ts';

describe('symmetricEigen', () => {
  it.each([1, 2, 3, 17, 60])('decomposes a random matrix of side %i', (n) => {
    const rng = new SeededRng(n);
    const A = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = rng.normal();
    const { values, vectors } = symmetricEigen(A, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let [product, rebuilt] = [0, 0];
        for (let k = 0; k < n; k++) {
          product += vectors[k * n + i] * vectors[k * n + j];
          rebuilt += values[k] * vectors[i * n + k] * vectors[j * n + k];
        }
        expect(product).toBeCloseTo(i === j ? 1 : 0, 10);
        expect(rebuilt).toBeCloseTo(A[i * n + j], 10);
      }
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  });

  it('takes rank-deficient and zero matrices', () => {
    const { values } = symmetricEigen(Float64Array.of(1, 1, 0, 1, 1, 0, 0, 0, 0), 3);
    expect(values[0]).toBeCloseTo(2, 12);
    expect(Math.abs(values[2])).toBeLessThan(1e-12);
    expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
  });
});
