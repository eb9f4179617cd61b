import type { WebAssemblyMemory } from './web-assembly.ts';

const memories = new WeakMap<object, WebAssemblyMemory>();

/** Lets kernels work on arrays of this memory where they are. To be told again when it has grown: its buffer is another. */
export function rememberMemory(memory: WebAssemblyMemory): void {
  memories.set(memory.buffer, memory);
}

/** The memory that an array lies in, if it lies in one that kernels can be opened in. */
export const memoryOf = (array: Float32Array): WebAssemblyMemory | undefined => memories.get(array.buffer);
