import type { Arena } from '@tandem-rec/compute';

/** The array itself where it is long enough, else a longer one of zeros: memory that grows to the largest step and stays. */
export const room = (array: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> =>
  array.length >= length ? array : new Float32Array(Math.ceil(length * 1.25));

/** The same for row numbers. */
export const rowRoom = (array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> =>
  array.length >= length ? array : new Int32Array(Math.ceil(length * 1.25));

/** The same in an arena, which keeps the shorter one: it doubles, so that all of them take no more than the last. */
export const arenaRoom = (arena: Arena, array: Float32Array, length: number): Float32Array =>
  array.length >= length ? array : arena.float32(length * 2);

export const arenaRowRoom = (arena: Arena, array: Int32Array, length: number): Int32Array =>
  array.length >= length ? array : arena.int32(length * 2);
