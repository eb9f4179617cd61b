import { relaxedSimdBinary, simdBinary } from './gemm-binaries.ts';
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
): void {
  for (const size of [m, n, k])
    if (!(Number.isInteger(size) && size >= 0)) throw new RangeError(`sgemm: ${m} × ${n} × ${k} are not sizes.`);
  if (A.length < m * k || B.length < k * n || C.length < m * n)
    throw new RangeError(
      `sgemm ${m} × ${n} × ${k} needs arrays of ${m * k}, ${k * n} and ${m * n}; received ${A.length}, ${B.length} and ${C.length}.`,
    );
}

function instantiate(base64: string): Sgemm {
  const wasm = new webAssembly.Module(Buffer.from(base64, 'base64'));
  const { memory, arena, sgemm } = new webAssembly.Instance(wasm).exports as GemmExports;
  const start = Math.ceil(arena.value / 16) * 16;
  let floats = new Float32Array(memory.buffer);

  return ({ transA = false, transB = false }, m, n, k, alpha, A, B, beta, C) => {
    checkSgemm(m, n, k, A, B, C);
    if (m === 0 || n === 0) return;
    if (k === 0 || alpha === 0) {
      if (beta === 0) C.fill(0, 0, m * n);
      else for (let i = 0; i < m * n; i++) C[i] *= beta;
      return;
    }
    const a = start / 4;
    const b = a + align(m * k);
    const c = b + align(k * n);
    const end = (c + align(m * n)) * 4;
    if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / PAGE_BYTES));
    if (floats.buffer !== memory.buffer) floats = new Float32Array(memory.buffer);
    floats.set(A.length === m * k ? A : A.subarray(0, m * k), a);
    floats.set(B.length === k * n ? B : B.subarray(0, k * n), b);
    if (beta !== 0) floats.set(C.length === m * n ? C : C.subarray(0, m * n), c);
    sgemm(transA, transB, m, n, k, alpha, a * 4, b * 4, beta, c * 4);
    C.set(floats.subarray(c, c + m * n));
  };
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
export function openSgemm(kernel: KernelName): Sgemm {
  if (kernel === 'wasm-simd') return instantiate(simdBinary);
  if (webAssembly.validate(Buffer.from(relaxedSimdBinary, 'base64'))) {
    const sgemm = instantiate(relaxedSimdBinary);
    if (isFused(sgemm)) return sgemm;
  }
  throw new RangeError('This machine has no fused multiply-add in WebAssembly: use the kernel wasm-simd.');
}

function openBest(): readonly [KernelName, Sgemm] {
  try {
    return ['wasm-simd-fma', openSgemm('wasm-simd-fma')];
  } catch {
    return ['wasm-simd', openSgemm('wasm-simd')];
  }
}

const [name, best] = openBest();

/** The kernel behind `sgemm`: the fastest that this machine has. */
export const kernelName: KernelName = name;

/** The matrix product on WebAssembly SIMD, one thread, about 40 (52 fused) GFLOP/s a core. See {@link Sgemm}. */
export const sgemm: Sgemm = best;
