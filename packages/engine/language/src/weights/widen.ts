/** Bytes of a number, by the name safetensors gives its type. */
export const WIDTHS = { F32: 4, F16: 2, BF16: 2 } as const;

/** Floating-point types that are read as float32 without loss. */
export type Precision = keyof typeof WIDTHS;

let halves: Float32Array | undefined;

/** Little-endian numbers of half the width as float32, written to `into` from `at` on; exact for both types. */
export function widen(bytes: Uint8Array, precision: 'F16' | 'BF16', into: Float32Array, at: number): void {
  const count = bytes.length / 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (precision === 'BF16') {
    const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
    for (let i = 0; i < count; i++) bits[at + i] = view.getUint16(i * 2, true) << 16;
  } else {
    halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => fromHalf(bits));
    for (let i = 0; i < count; i++) into[at + i] = halves[view.getUint16(i * 2, true)];
  }
}

/** IEEE 754 binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
