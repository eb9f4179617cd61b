type NumberArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** A typed array with room for `length` elements: the same one if it has it, else a copy of at least twice its size. */
export function grown<T extends NumberArray>(array: T, length: number): T {
  if (array.length >= length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(16, length, array.length * 2));
  larger.set(array);
  return larger;
}
