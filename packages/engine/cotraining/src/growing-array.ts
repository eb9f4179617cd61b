/** Doubles a typed array until it holds `length` elements; returns the same array when it already does. */
export function grown<T extends Int32Array | Float32Array | Float64Array | Uint8Array>(array: T, length: number): T {
  if (array.length >= length) return array;
  let capacity = Math.max(16, array.length);
  while (capacity < length) capacity *= 2;
  const larger = new (array.constructor as new (length: number) => T)(capacity);
  larger.set(array);
  return larger;
}
