import { gemmBinary, relaxedGemmBinary } from './kernel-binaries.ts';
import { PAGE_BYTES, webAssembly, type WebAssemblyMemory } from './web-assembly.ts';

/** Which operands are read transposed: A is stored k × m instead of m × k, B n × k instead of k × n. */
export interface Transposes {
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/**
 * `C = alpha · op(A) · op(B) + beta · C` in place, all row-major and dense; op(A) is m × k, op(B) k × n, C m × n.
 * C is not read when beta is 0. Synchronous and deterministic; the bits of a row of C do not depend on the other rows.
 * Arrays may be longer than needed. Throws RangeError where one is too short or a size is not a whole number.
 */
export type Sgemm = (
  transposes: Transposes,
  m: number,
  n: number,
  k: number,
  alpha: number,
  A: Float32Array,
  B: Float32Array,
  beta: number,
  C: Float32Array,
) => void;

/**
 * Products of stacks of matrices: `C[i] = op(A[i mod countA]) · op(B[i mod countB])` for every i below the larger count;
 * sizes and layout as in {@link Sgemm}.
 */
export type BatchedSgemm = (
  transposes: Transposes,
  countA: number,
  countB: number,
  m: number,
  n: number,
  k: number,
  A: Float32Array,
  B: Float32Array,
  C: Float32Array,
) => void;

/** The matrix products of one kernel. */
export interface Gemm {
  readonly sgemm: Sgemm;
  readonly batchedSgemm: BatchedSgemm;
}

/**
 * The arithmetic of `sgemm` on this machine, for checkpoints: with `wasm-simd-fma` a product and its addition are
 * rounded once, with `wasm-simd` twice, so the same inputs give other last bits.
 */
export type KernelName = 'wasm-simd' | 'wasm-simd-fma';

interface GemmExports {
  readonly memory: WebAssemblyMemory;
  readonly arena: { readonly value: number };
  readonly sgemm: (
    transA: boolean,
    transB: boolean,
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: number,
    b: number,
    beta: number,
    c: number,
  ) => void;
}

/** Throws RangeError on sizes or lengths that do not fit together. */
export function checkSgemm(
  m: number,
  n: number,
  k: number,
  A: Float32Array,
  B: Float32Array,
  C: Float32Array,
  countA = 1,
  countB = 1,
): void {
  for (const size of [m, n, k])
    if (!(Number.isInteger(size) && size >= 0)) throw new RangeError(`sgemm: ${m} × ${n} × ${k} are not sizes.`);
  const needed = [countA * m * k, countB * k * n, Math.max(countA, countB) * m * n];
  if (A.length < needed[0] || B.length < needed[1] || C.length < needed[2])
    throw new RangeError(
      `sgemm ${m} × ${n} × ${k} needs arrays of ${needed.join(', ')}; received ${A.length}, ${B.length}, ${C.length}.`,
    );
}

function instantiate(base64: string): Gemm {
  const wasm = new webAssembly.Module(Buffer.from(base64, 'base64'));
  const { memory, arena, sgemm } = new webAssembly.Instance(wasm).exports as GemmExports;
  const start = align(arena.value / 4);
  let floats = new Float32Array(memory.buffer);

  /** Makes room for the operands and copies them in; returns where A, B and C begin, in floats. */
  function place(A: Float32Array, B: Float32Array, lengthC: number): readonly [number, number, number] {
    const a = start;
    const b = a + align(A.length);
    const c = b + align(B.length);
    const missing = c + lengthC - floats.length;
    if (missing > 0) {
      memory.grow(Math.ceil((missing * 4) / PAGE_BYTES));
      floats = new Float32Array(memory.buffer);
    }
    floats.set(A, a);
    floats.set(B, b);
    return [a, b, c];
  }

  return {
    sgemm: ({ transA = false, transB = false }, m, n, k, alpha, A, B, beta, C) => {
      checkSgemm(m, n, k, A, B, C);
      if (k === 0 || alpha === 0) {
        if (beta === 0) C.fill(0, 0, m * n);
        else for (let i = 0; i < m * n; i++) C[i] *= beta;
        return;
      }
      const [a, b, c] = place(prefix(A, m * k), prefix(B, k * n), m * n);
      if (beta !== 0) floats.set(prefix(C, m * n), c);
      sgemm(transA, transB, m, n, k, alpha, a * 4, b * 4, beta, c * 4);
      C.set(floats.subarray(c, c + m * n));
    },
    batchedSgemm: ({ transA = false, transB = false }, countA, countB, m, n, k, A, B, C) => {
      checkSgemm(m, n, k, A, B, C, countA, countB);
      const count = Math.max(countA, countB);
      if (k === 0) {
        C.fill(0, 0, count * m * n);
        return;
      }
      const [a, b, c] = place(prefix(A, countA * m * k), prefix(B, countB * k * n), count * m * n);
      for (let i = 0; i < count; i++) {
        const [atA, atB] = [a + (i % countA) * m * k, b + (i % countB) * k * n];
        sgemm(transA, transB, m, n, k, 1, atA * 4, atB * 4, 0, (c + i * m * n) * 4);
      }
      C.set(floats.subarray(c, c + count * m * n));
    },
  };
}

function prefix(array: Float32Array, length: number): Float32Array {
  return array.length === length ? array : array.subarray(0, length);
}

function align(floats: number): number {
  return Math.ceil(floats / 4) * 4;
}

/** Whether products are fused with their additions: 2⁻²⁴ is what rounding (1 + 2⁻¹²)² loses. */
function isFused(sgemm: Sgemm): boolean {
  const x = 1 + 2 ** -12;
  const C = new Float32Array(1);
  sgemm({}, 1, 1, 2, 1, Float32Array.of(1, x), Float32Array.of(-Math.fround(x * x), x), 0, C);
  return C[0] !== 0;
}

/** The kernel of that name. `wasm-simd` runs wherever Node does; `wasm-simd-fma` throws where it is not there. */
export function openGemm(kernel: KernelName): Gemm {
  if (kernel === 'wasm-simd') return instantiate(gemmBinary);
  if (webAssembly.validate(Buffer.from(relaxedGemmBinary, 'base64'))) {
    const gemm = instantiate(relaxedGemmBinary);
    if (isFused(gemm.sgemm)) return gemm;
  }
  throw new RangeError('This machine has no fused multiply-add in WebAssembly: use the kernel wasm-simd.');
}

function openBest(): readonly [KernelName, Gemm] {
  try {
    return ['wasm-simd-fma', openGemm('wasm-simd-fma')];
  } catch {
    return ['wasm-simd', openGemm('wasm-simd')];
  }
}

const [name, best] = openBest();

/** The kernel behind `sgemm`: the fastest that this machine has. */
export const kernelName: KernelName = name;

/** The matrix product on WebAssembly SIMD, one thread, about 40 (52 fused) GFLOP/s a core. See {@link Sgemm}. */
export const sgemm: Sgemm = best.sgemm;

/** Many products of one size at once. See {@link BatchedSgemm}. */
export const batchedSgemm: BatchedSgemm = best.batchedSgemm;
