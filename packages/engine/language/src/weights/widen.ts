/** Bytes of a number, by the name safetensors gives its type. */
export const WIDTHS = { F32: 4, F16: 2, BF16: 2 } as const;

/** Floating-point types that are read as float32 without loss. */
export type Precision = keyof typeof WIDTHS;

let halves: Float32Array | undefined;

/** Little-endian bytes as float32 numbers; exact for all three types. */
export function widen(bytes: Uint8Array, precision: Precision): Float32Array {
  const count = bytes.length / WIDTHS[precision];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(count);
  if (precision === 'F32') for (let i = 0; i < count; i++) values[i] = view.getFloat32(i * 4, true);
  else if (precision === 'BF16') {
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < count; i++) bits[i] = view.getUint16(i * 2, true) << 16;
  } else {
    halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => fromHalf(bits));
    for (let i = 0; i < count; i++) values[i] = halves[view.getUint16(i * 2, true)];
  }
  return values;
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
