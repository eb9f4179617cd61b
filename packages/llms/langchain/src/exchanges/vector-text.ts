/** A vector as text, for the same places that answers in words are kept in: base64 of little-endian float32. */
export function bytesOf(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [d, value] of vector.entries()) bytes.writeFloatLE(value, d * 4);
  return bytes.toString('base64');
}

export function vectorOf(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, d) => bytes.readFloatLE(d * 4));
}
