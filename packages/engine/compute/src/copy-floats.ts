/** From so many on a call copies faster than a loop. */
const MANY = 32;

/** Copies `count` floats from one place to another. */
export function copyFloats(source: Float32Array, from: number, count: number, into: Float32Array, to: number): void {
  if (count >= MANY) into.set(source.subarray(from, from + count), to);
  else for (let i = 0; i < count; i++) into[to + i] = source[from + i];
}
