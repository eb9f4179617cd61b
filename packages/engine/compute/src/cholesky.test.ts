import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { choleskyFactor, choleskyInverse, choleskySolve, choleskySolveMany } from './cholesky.ts';
import { choleskyFactorDouble, choleskySolveDouble } from './cholesky-double.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { SeededRng } from './seeded-rng.ts';

/** G Gᵀ / n + I: condition numbers of about 5. */
function positive(n: number, rng: SeededRng): Float32Array {
  const G = Float32Array.from({ length: n * n }, () => rng.normal());
  const A = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? n : 0;
      for (let k = 0; k < n; k++) sum += G[i * n + k] * G[j * n + k];
      A[i * n + j] = A[j * n + i] = sum / n;
    }
  return A;
}

const normals = (length: number, rng: SeededRng): Float32Array => Float32Array.from({ length }, () => rng.normal());

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 2e-5): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(actual[i] - expected[i]) <= tolerance))
      throw new Error(`${actual[i]} at ${i}, expected ${expected[i]}`);
}

describe.each(KERNEL_NAMES)('Cholesky on %s', (kernel) => {
  const placed = (arena: Arena, values: Float32Array): Float32Array => {
    const array = arena.float32(values.length);
    array.set(values);
    return array;
  };

  it.each([1, 2, 5, 64, 127, 128, 129, 261, 515])('factors, solves and inverts order %i as its definition', (n) => {
    const rng = new SeededRng(n);
    const arena = new Arena({ kernel });
    const A = positive(n, rng);
    const columns = 3;
    const B = normals(n * columns, rng);
    const L = choleskyFactorDouble(A, n);

    const factor = placed(arena, A);
    // Only the lower triangle may be read.
    for (let i = 0; i < n; i++) factor.fill(NaN, i * n + i + 1, (i + 1) * n);
    const inverse = placed(arena, factor);
    choleskyFactor(arena, factor, n);
    expectClose(
      factor.map((value, at) => (at % n <= Math.floor(at / n) ? value : 0)),
      L,
    );
    const X = placed(arena, B);
    choleskySolve(arena, factor, n, X, columns);
    expectClose(X, choleskySolveDouble(L, n, B, columns));
    choleskyInverse(arena, inverse, n);
    const identity = Float32Array.from({ length: n * n }, (_, at) => +(at % n === Math.floor(at / n)));
    expectClose(inverse, choleskySolveDouble(L, n, identity, n));
  });

  it('solves many small systems as its definition, and leaves the matrices as they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 37 }), fc.integer({ min: 0, max: 40 }), fc.nat(), (n, count, seed) => {
        const rng = new SeededRng(seed);
        const arena = new Arena({ kernel });
        // Scratch that holds what is no number must not matter.
        arena.scoped(() => arena.float32(20_000).fill(NaN));
        const systems = Array.from({ length: count }, () => positive(n, rng));
        const matrices = arena.float32(count * n * n);
        for (const [i, system] of systems.entries()) matrices.set(system, i * n * n);
        const before = matrices.slice();
        const B = normals(count * n, rng);
        const X = placed(arena, B);
        choleskySolveMany(arena, matrices, n, X, count);
        for (const [i, system] of systems.entries()) {
          const own = B.subarray(i * n, (i + 1) * n);
          const expected = choleskySolveDouble(choleskyFactorDouble(system, n), n, own, 1);
          expectClose(X.subarray(i * n, (i + 1) * n), expected);
        }
        expect(matrices).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same bits on any number of threads', () => {
    const n = 300;
    const A = positive(n, new SeededRng(4));
    const answers = [1, 3].map((threads) => {
      const arena = new Arena({ kernel, threads });
      const matrix = placed(arena, A);
      choleskyInverse(arena, matrix, n);
      const matrices = arena.float32(100 * 81);
      for (let i = 0; i < 100; i++) matrices.set(positive(9, new SeededRng(i)), i * 81);
      const right = arena.float32(900).fill(1);
      choleskySolveMany(arena, matrices, 9, right, 100);
      arena.close();
      return [matrix.slice(), right.slice()];
    });
    expect(answers[1]).toEqual(answers[0]);
  });

  it.each([
    ['indefinite', -1],
    ['not finite', NaN],
    ['singular but for rounding', 1 + 6e-8],
  ])('refuses a matrix that is %s by code and row', (_what, value) => {
    const n = 200;
    const arena = new Arena({ kernel });
    const matrix = arena.float32(n * n);
    for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
    matrix[150 * n + 150] = value;
    matrix[150 * n + 3] = matrix[3 * n + 150] = 1;
    const code = 'TANDEM_NOT_POSITIVE_DEFINITE';
    expect(() => choleskyFactor(arena, placed(arena, matrix), n)).toThrow(
      expect.objectContaining({ code, details: { row: 150, order: n } }),
    );
    expect(() => choleskySolveMany(arena, matrix, n, arena.float32(n), 1)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses sizes that are none and arrays that are too short', () => {
    const arena = new Arena({ kernel });
    const matrix = arena.float32(9);
    expect(() => choleskyInverse(arena, matrix, 0)).toThrow(RangeError);
    expect(() => choleskyInverse(arena, matrix, 4)).toThrow(/shorter than order 4/);
    expect(() => choleskySolve(arena, matrix, 3, arena.float32(5), 2)).toThrow(RangeError);
  });
});
