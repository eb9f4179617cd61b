// Node's types leave WebAssembly to the DOM library, which this code must not assume. Typed here is what is used.

export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}

interface WebAssemblyNamespace {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WebAssemblyMemory } },
  ) => {
    readonly exports: unknown;
  };
  readonly Memory: new (size: { initial: number; maximum: number; shared: boolean }) => WebAssemblyMemory;
}

/** The global of that name. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyNamespace }).WebAssembly;

/** Bytes in a page of WebAssembly memory. */
export const PAGE_BYTES = 65536;

/** Where an arena has its second page, for what kernels are told or tell at once; the first is what is their own. */
export const NOTES = 1 * PAGE_BYTES;
