import type { Arena } from './arena.ts';
import { gemmBinary } from './binaries/gemm.ts';
import { instantiate, kernelName, KERNEL_NAMES, moduleOf, type KernelName } from './kernel.ts';
import { PAGE_BYTES, webAssembly } from './web-assembly.ts';

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

interface GemmKernel {
  readonly sgemm: (
    scratch: number,
    transA: number,
    transB: number,
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: number,
    rowA: number,
    b: number,
    rowB: number,
    beta: number,
    c: number,
    rowC: number,
    d: number,
    rowD: number,
  ) => void;
  readonly scratchBytes: { readonly value: number };
}

type GemmFunctions = Pick<GemmKernel, 'sgemm'>;

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

/** The products of one kernel, on arrays that lie anywhere: they are copied into memory of its own and back. */
function gemmOf(name: KernelName): Gemm {
  const memory = new webAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const kernel = instantiate<GemmKernel>(moduleOf(gemmBinary, name), memory);
  const scratch = PAGE_BYTES;
  const start = align((scratch + kernel.scratchBytes.value) / 4);
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
      const [rowA, rowB] = [transA ? m : k, transB ? k : n];
      kernel.sgemm(scratch, +transA, +transB, m, n, k, alpha, a * 4, rowA, b * 4, rowB, beta, c * 4, n, c * 4, n);
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
      const [rowA, rowB] = [transA ? m : k, transB ? k : n];
      for (let i = 0; i < count; i++) {
        const [atA, atB] = [a + (i % countA) * m * k, b + (i % countB) * k * n];
        const to = (c + i * m * n) * 4;
        kernel.sgemm(scratch, +transA, +transB, m, n, k, 1, atA * 4, rowA, atB * 4, rowB, 0, to, n, to, n);
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

/** The kernel of that name. `wasm-simd` runs wherever Node does; `wasm-simd-fma` throws where it is not there. */
export function openGemm(name: KernelName): Gemm {
  if (!KERNEL_NAMES.includes(name))
    throw new RangeError('This machine has no fused multiply-add in WebAssembly: use the kernel wasm-simd.');
  return gemmOf(name);
}

const best = gemmOf(kernelName);

/** The matrix product on WebAssembly SIMD, one thread, about 40 (52 fused) GFLOP/s a core. See {@link Sgemm}. */
export const sgemm: Sgemm = best.sgemm;

/** Many products of one size at once. See {@link BatchedSgemm}. */
export const batchedSgemm: BatchedSgemm = best.batchedSgemm;

/** Rows of C that one of several threads takes at a time: each packs B anew. */
const BLOCK_ROWS = 128;

/** A matrix within an array of an arena: `row` floats from one stored row to the next, from element `at` on. */
export interface ArenaMatrix {
  readonly data: Float32Array;
  readonly row: number;
  /** Default 0. */
  readonly at?: number;
}

/**
 * {@link Sgemm} in place on arrays of an arena and on its threads: `C = alpha · op(A) · op(B) + beta · D`, D being C unless
 * it is given; rows of D that are all the same have `row` 0. Matrices may be parts of larger ones. The bits of C do not
 * depend on the number of threads.
 */
export function arenaSgemm(
  arena: Arena,
  { transA = false, transB = false }: Transposes,
  m: number,
  n: number,
  k: number,
  alpha: number,
  A: ArenaMatrix,
  B: ArenaMatrix,
  beta: number,
  C: ArenaMatrix,
  D: ArenaMatrix = C,
): void {
  const kernel = arena.open<GemmFunctions>(gemmBinary);
  const [a, b, c, d] = [A, B, C, D].map(({ data, at = 0 }) => data.byteOffset + 4 * at);
  const { scratchBytes } = kernel.call as unknown as GemmKernel;
  const block = arena.threads === 1 ? Math.max(1, m) : BLOCK_ROWS;
  kernel.parallel('sgemm', m, { block, scratchBytes: scratchBytes.value }, (from, to) => [
    +transA,
    +transB,
    to - from,
    n,
    k,
    alpha,
    a + 4 * (transA ? from : from * A.row),
    A.row,
    b,
    B.row,
    beta,
    c + 4 * from * C.row,
    C.row,
    d + 4 * from * D.row,
    D.row,
  ]);
}
