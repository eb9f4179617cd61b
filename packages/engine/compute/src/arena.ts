import { TandemError } from '@tandem-rec/contract';
import {
  instantiate,
  kernelName,
  moduleOf,
  type KernelBinary,
  type KernelFunctions,
  type KernelName,
} from './kernel.ts';
import { KernelThreads } from './kernel-threads.ts';
import { rememberMemory } from './memory-of.ts';
import { NOTES, PAGE_BYTES, webAssembly, type WebAssemblyMemory } from './web-assembly.ts';

/** The most that WebAssembly can address. */
const LIMIT_BYTES = 65536 * PAGE_BYTES;

/** Neither notes nor anything of a kernel's own lie above this. */
const START = NOTES + PAGE_BYTES;

export interface ArenaOptions {
  /** Threads that `Kernel.parallel` may use, this one included. Default 1. */
  readonly threads?: number;
  /** Default: the fastest there is. */
  readonly kernel?: KernelName;
}

/**
 * Memory in which kernels work in place, with the threads that share it. Arrays that are allocated here stay where they
 * are until they are released; kernels take their addresses (`byteOffset`). One arena addresses 4 GiB at most; memory
 * that was released is used again and returned to the system with the arena itself.
 *
 * @example
 * const arena = new Arena({ threads: 2 });
 * const gram = arena.float32(items * items);
 * …
 * arena.close();
 */
export class Arena {
  readonly memory: WebAssemblyMemory;
  readonly kernel: KernelName;
  readonly #threads: KernelThreads;
  readonly #kernels = new Map<KernelBinary, Kernel<never>>();
  #top = START;
  /** Below this memory may have been written to. */
  #used = START;

  constructor({ threads = 1, kernel = kernelName }: ArenaOptions = {}) {
    this.kernel = kernel;
    this.memory = new webAssembly.Memory({ initial: START / PAGE_BYTES, maximum: 65536, shared: true });
    rememberMemory(this.memory);
    this.#threads = new KernelThreads(this.memory, threads);
  }

  /** Threads that kernels use here. */
  get threads(): number {
    return this.#threads.count;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#top - START;
  }

  /** `length` zeros. Throws `TANDEM_MEMORY_TOO_SMALL` where they have no room. */
  float32(length: number): Float32Array {
    const at = this.#take(length * 4);
    return new Float32Array(this.memory.buffer, at, length) as Float32Array;
  }

  /** `length` floats, whatever was there before. */
  uncleared(length: number): Float32Array {
    const at = this.reserve(length * 4);
    return new Float32Array(this.memory.buffer, at, length) as Float32Array;
  }

  float64(length: number): Float64Array {
    const at = this.#take(length * 8);
    return new Float64Array(this.memory.buffer, at, length) as Float64Array;
  }

  int32(length: number): Int32Array {
    const at = this.#take(length * 4);
    return new Int32Array(this.memory.buffer, at, length) as Int32Array;
  }

  uint8(length: number): Uint8Array {
    const at = this.#take(length);
    return new Uint8Array(this.memory.buffer, at, length) as Uint8Array;
  }

  int8(length: number): Int8Array {
    const at = this.#take(length);
    return new Int8Array(this.memory.buffer, at, length) as Int8Array;
  }

  /** The address of so many bytes, not cleared. */
  reserve(bytes: number): number {
    return this.#take(bytes, false);
  }

  /** Runs `work`; what it allocated is released. Its arrays must not be used afterwards. */
  scoped<T>(work: () => T): T {
    const mark = this.#top;
    try {
      return work();
    } finally {
      this.#top = mark;
    }
  }

  /** The kernel in this memory. */
  open<E extends KernelFunctions<E>>(binary: KernelBinary): Kernel<E> {
    let kernel = this.#kernels.get(binary) as Kernel<E> | undefined;
    if (!kernel) {
      kernel = new Kernel<E>(this, binary, this.#threads);
      this.#kernels.set(binary, kernel as unknown as Kernel<never>);
    }
    return kernel;
  }

  /** Ends its threads. */
  close(): void {
    this.#threads.close();
  }

  #take(bytes: number, cleared = true): number {
    const from = this.#top;
    const to = from + Math.ceil(bytes / 16) * 16;
    const missing = to - this.memory.buffer.byteLength;
    if (missing > 0) this.#grow(missing, to);
    if (cleared && from < this.#used) new Uint8Array(this.memory.buffer, from, Math.min(to, this.#used) - from).fill(0);
    this.#top = to;
    this.#used = Math.max(this.#used, to);
    return from;
  }

  #grow(missing: number, to: number): void {
    try {
      if (to > LIMIT_BYTES) throw new RangeError('more than WebAssembly can address');
      this.memory.grow(Math.ceil(missing / PAGE_BYTES));
      rememberMemory(this.memory);
    } catch (cause) {
      throw new TandemError(
        'TANDEM_MEMORY_TOO_SMALL',
        `Kernels need ${Math.ceil(to / 2 ** 20)} MiB in one piece; the machine gives less (at most 4096).`,
        { cause },
      );
    }
  }
}

/** A kernel in the memory of an arena. */
export class Kernel<E> {
  /** Its functions, in this thread. */
  readonly call: E;
  readonly #module: object;
  readonly #arena: Arena;
  readonly #threads: KernelThreads;

  constructor(arena: Arena, binary: KernelBinary, threads: KernelThreads) {
    this.#module = moduleOf(binary, arena.kernel);
    this.call = instantiate<E>(this.#module, arena.memory);
    this.#arena = arena;
    this.#threads = threads;
  }

  /**
   * Calls a function for every block of `0 … count - 1`, on all threads; the blocks are handed out as threads become
   * free, so the result of one must not depend on another. The function's first argument is scratch of `scratchBytes`
   * bytes of the thread's own (not cleared), the others are what `numbers` answers for a block.
   */
  parallel(
    name: keyof E & string,
    count: number,
    { block, scratchBytes = 0 }: { readonly block: number; readonly scratchBytes?: number },
    numbers: (from: number, to: number) => readonly number[],
  ): void {
    const calls: (readonly number[])[] = [];
    for (let from = 0; from < count; from += block) calls.push(numbers(from, Math.min(count, from + block)));
    const stride = Math.ceil(scratchBytes / 64) * 64;
    this.#arena.scoped(() => {
      const scratch = this.#arena.reserve(stride * this.#threads.count);
      this.#threads.run(this.#module, this.call as never, name, calls, scratch, stride);
    });
  }
}
