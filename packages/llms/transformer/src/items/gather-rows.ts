/** A copy of the rows of a matrix, `width` wide, in the order asked for. */
export function gatherRows(matrix: Float32Array, rows: Int32Array, width: number): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++)
    for (let d = 0, from = rows[i] * width, to = i * width; d < width; d++) gathered[to + d] = matrix[from + d];
  return gathered;
}
