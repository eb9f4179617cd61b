import type { NumericArray } from '@tandem-rec/contract';

const CONSTRUCTORS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  bigint64: BigInt64Array,
} as const;

/** Name of an element type in a checkpoint file. */
export type Dtype = keyof typeof CONSTRUCTORS;

const NAMES: Readonly<Record<string, Dtype>> = Object.fromEntries(
  Object.entries(CONSTRUCTORS).map(([name, constructor]) => [constructor.name, name as Dtype]),
);

/** The element type of an array, by the name of its class, so that arrays of another realm count too. */
export function dtypeOf(array: NumericArray): Dtype | undefined {
  // A Buffer is a Uint8Array under another name.
  return NAMES[array.constructor.name] ?? (array instanceof Uint8Array ? 'uint8' : undefined);
}

/** A view of `length` elements; `byteOffset` must be a multiple of the element's size. */
export function viewOf(dtype: Dtype, buffer: ArrayBuffer, byteOffset: number, length: number): NumericArray {
  return new CONSTRUCTORS[dtype](buffer, byteOffset, length);
}
