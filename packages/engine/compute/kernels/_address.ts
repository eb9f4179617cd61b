// Where numbers of four bytes lie.

/** Byte offset of an element of a matrix. */
// @ts-ignore: decorator
@inline
export function at(row: i32, stride: i32, column: i32): usize {
  return ((<usize>row) * (<usize>stride) + (<usize>column)) << 2;
}

/** Address of an element of an array. */
// @ts-ignore: decorator
@inline
export function cell(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}
