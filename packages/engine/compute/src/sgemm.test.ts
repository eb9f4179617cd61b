import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { SeededRng } from './seeded-rng.ts';
import { sgemmReference } from './sgemm-reference.ts';
import { Arena } from './arena.ts';
import { KERNEL_NAMES, kernelName } from './kernel.ts';
import { arenaSgemm, openGemm, sgemm } from './sgemm.ts';

function normals(length: number, rng: SeededRng): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

describe.each(KERNEL_NAMES)('sgemm on %s', (kernel) => {
  const { sgemm: product, batchedSgemm } = openGemm(kernel);

  it('agrees with the reference for all transposes, factors and small sizes', () => {
    const size = fc.integer({ min: 0, max: 21 });
    const factor = fc.constantFrom(0, 1, -0.5, 2.25);
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        size,
        size,
        size,
        factor,
        factor,
        fc.nat(),
        (transA, transB, m, n, k, alpha, beta, seed) => {
          const rng = new SeededRng(seed);
          const [A, B, C] = [normals(m * k, rng), normals(k * n, rng), normals(m * n, rng)];
          const expected = C.slice();
          sgemmReference({ transA, transB }, m, n, k, alpha, A, B, beta, expected);
          product({ transA, transB }, m, n, k, alpha, A, B, beta, C);
          expect(largestDifference(C, expected)).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each([
    [131, 9, 257],
    [5, 1033, 64],
    [260, 70, 513],
    [1, 1682, 64],
  ])('agrees across the borders of its blocks: %i × %i × %i', (m, n, k) => {
    const rng = new SeededRng(1, `${m}`);
    const [A, B] = [normals(m * k, rng), normals(k * n, rng)];
    const [C, expected] = [normals(m * n, rng), new Float32Array(m * n)];
    expected.set(C);
    for (const transA of [false, true])
      for (const transB of [false, true]) {
        product({ transA, transB }, m, n, k, 1.5, A, B, 0.5, C);
        sgemmReference({ transA, transB }, m, n, k, 1.5, A, B, 0.5, expected);
        expect(largestDifference(C, expected)).toBeLessThan(2e-3);
      }
  });

  it('multiplies stacks as it multiplies one by one, repeating the shorter stack', () => {
    const count = fc.constantFrom(1, 2, 3);
    const size = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        count,
        count,
        size,
        size,
        size,
        (transA, transB, countA, countB, m, n, k) => {
          const rng = new SeededRng(`${m} ${n} ${k}`);
          const most = Math.max(countA, countB);
          const [A, B, C] = [normals(countA * m * k, rng), normals(countB * k * n, rng), normals(most * m * n, rng)];
          batchedSgemm({ transA, transB }, countA, countB, m, n, k, A, B, C);
          for (let i = 0; i < most; i++) {
            const one = new Float32Array(m * n);
            const [a, b] = [A.subarray((i % countA) * m * k), B.subarray((i % countB) * k * n)];
            product({ transA, transB }, m, n, k, 1, a, b, 0, one);
            expect(C.subarray(i * m * n, (i + 1) * m * n)).toEqual(one);
          }
        },
      ),
    );
  });

  it('writes nothing outside C and ignores what was there when beta is 0', () => {
    const C = new Float32Array(12).fill(NaN);
    product({}, 3, 3, 2, 1, Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(1, 0, 2, 0, 1, 3), 0, C);
    expect([...C]).toEqual([1, 2, 8, 3, 4, 18, 5, 6, 28, NaN, NaN, NaN]);
  });

  it('gives a row the same bits whatever else is in the batch', () => {
    const rng = new SeededRng(2);
    const [m, n, k] = [150, 1100, 300];
    const [A, B, C] = [normals(m * k, rng), normals(k * n, rng), new Float32Array(m * n)];
    product({ transB: true }, m, n, k, 1, A, B, 0, C);
    for (const row of [0, 3, 77, 149]) {
      const alone = new Float32Array(n);
      product({ transB: true }, 1, n, k, 1, A.subarray(row * k, (row + 1) * k), B, 0, alone);
      expect(alone).toEqual(C.subarray(row * n, (row + 1) * n));
    }
  });

  it('refuses arrays that are too short and sizes that are none', () => {
    const four = new Float32Array(4);
    expect(() => product({}, 2, 3, 2, 1, four, four, 0, four)).toThrow(/needs arrays of 4, 6, 6/);
    expect(() => product({}, 1.5, 2, 2, 1, four, four, 0, four)).toThrow(RangeError);
    expect(() => product({}, -1, 2, 2, 1, four, four, 0, four)).toThrow(RangeError);
  });
});

describe('arenaSgemm', () => {
  it('multiplies parts of larger matrices, to the same bits on any number of threads', () => {
    const [m, n, k, row] = [300, 70, 90, 310];
    const answers = [1, 3].map((threads) => {
      const arena = new Arena({ threads });
      const rng = new SeededRng(3);
      const [A, B, C] = [arena.float32(k * row), arena.float32(n * row), arena.float32(m * row)];
      for (const X of [A, B, C]) X.set(normals(X.length, rng));
      const before = C.slice();
      const [a, b, c] = [
        { data: A, row, at: 5 },
        { data: B, row },
        { data: C, row, at: 7 },
      ];
      arenaSgemm(arena, { transA: true, transB: true }, m, n, k, 2, a, b, 1, c);
      arena.close();
      return { A, B, C: C.slice(), before };
    });
    const { A, B, C, before } = answers[0];
    for (let i = 0; i < m; i += 37)
      for (let j = 0; j < n; j += 7) {
        let sum = before[7 + i * row + j];
        for (let p = 0; p < k; p++) sum += 2 * A[5 + p * row + i] * B[j * row + p];
        expect(C[7 + i * row + j]).toBeCloseTo(sum, 3);
      }
    expect(C[6]).toBe(before[6]);
    expect(answers[1].C).toEqual(C);
  });
});

describe('the compiled kernels', () => {
  it('are what their sources compile to, byte for byte', () => {
    const build = fileURLToPath(new URL('../kernels/build.mjs', import.meta.url));
    execFileSync(process.execPath, [build, '--check'], { stdio: 'pipe' });
  }, 90_000);

  it('fuse where their name says so', () => {
    const x = 1 + 2 ** -12;
    const C = new Float32Array(1);
    sgemm({}, 1, 1, 2, 1, Float32Array.of(1, x), Float32Array.of(-Math.fround(x * x), x), 0, C);
    expect(C[0]).toBe(kernelName === 'wasm-simd-fma' ? 2 ** -24 : 0);
  });
});
