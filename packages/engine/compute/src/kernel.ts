import { probeBinary } from './binaries/probe.ts';
import { webAssembly, type WebAssemblyMemory } from './web-assembly.ts';

/** A compiled kernel in base64: `kernels/<name>.ts` with 128-bit SIMD and, where it differs, with relaxed SIMD. */
export interface KernelBinary {
  readonly simd: string;
  readonly relaxed?: string;
}

/**
 * The arithmetic of kernels on a machine, for checkpoints: with `wasm-simd-fma` a product and its addition are rounded
 * once, with `wasm-simd` twice, so the same inputs give other last bits.
 */
export type KernelName = 'wasm-simd' | 'wasm-simd-fma';

/** What a kernel exports: functions of numbers. Addresses are bytes of the memory that it was opened in. */
export type KernelFunctions<E> = { readonly [name in keyof E]: (...numbers: never[]) => number | void };

/** The module of a binary, compiled once in a thread. */
export function moduleOf(binary: KernelBinary, name: KernelName): object {
  const base64 = (name === 'wasm-simd-fma' && binary.relaxed) || binary.simd;
  let module = modules.get(base64);
  if (!module) modules.set(base64, (module = new webAssembly.Module(Buffer.from(base64, 'base64'))));
  return module;
}

/** An instance in this memory. */
export const instantiate = <E>(module: object, memory: WebAssemblyMemory): E =>
  new webAssembly.Instance(module, { env: { memory } }).exports as E;

const modules = new Map<string, object>();

/** Whether products are fused with their additions: 2⁻²⁴ is what rounding (1 + 2⁻¹²)² loses. */
function isFused(): boolean {
  if (!webAssembly.validate(Buffer.from(probeBinary.relaxed!, 'base64'))) return false;
  const memory = new webAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const probe = instantiate<{ multiplyAdd(a: number, b: number, c: number): number }>(
    moduleOf(probeBinary, 'wasm-simd-fma'),
    memory,
  );
  const x = 1 + 2 ** -12;
  return probe.multiplyAdd(x, x, -Math.fround(x * x)) !== 0;
}

/** The fastest arithmetic that this machine has; kernels use it unless told otherwise. */
export const kernelName: KernelName = isFused() ? 'wasm-simd-fma' : 'wasm-simd';

/** Every arithmetic that this machine has. */
export const KERNEL_NAMES: readonly KernelName[] =
  kernelName === 'wasm-simd-fma' ? ['wasm-simd', 'wasm-simd-fma'] : ['wasm-simd'];
