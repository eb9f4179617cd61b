/** The array itself where it is long enough, else a longer one of zeros: memory that grows to the largest step and stays. */
export const room = (array: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> =>
  array.length >= length ? array : new Float32Array(Math.ceil(length * 1.25));

/** The same for row numbers. */
export const rowRoom = (array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> =>
  array.length >= length ? array : new Int32Array(Math.ceil(length * 1.25));
