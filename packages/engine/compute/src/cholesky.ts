import type { Arena } from './arena.ts';
import { choleskyBinary } from './binaries/cholesky.ts';
import { notPositive, type CholeskyKernel } from './cholesky-kernel.ts';
import { lowerTriangle } from './lower-triangle.ts';

/** Systems that one thread takes at a time. */
const BLOCK_SYSTEMS = 32;

/**
 * Cholesky's factor of a symmetric positive definite matrix in place, A = L Lᵀ, `n × n` row-major in the arena: reads the
 * lower triangle and writes L there; what is above the diagonal is left undefined. n³ / 3 floating-point operations by
 * blocks, nearly all of them matrix products on the arena's threads, to the same bits on any number of them. Needs
 * 512 bytes a row beside the matrix.
 * @throws TandemError `TANDEM_NOT_POSITIVE_DEFINITE`
 */
export function choleskyFactor(arena: Arena, matrix: Float32Array, n: number): void {
  checkSizes('choleskyFactor', n, matrix.length >= n * n);
  arena.scoped(() => lowerTriangle(arena, matrix, n).factor());
}

/**
 * Solves A X = B in place of B, given the factor of A. `right` is `n × columns`, row-major, in the arena.
 * @param factor what `choleskyFactor` left of A
 */
export function choleskySolve(
  arena: Arena,
  factor: Float32Array,
  n: number,
  right: Float32Array,
  columns: number,
): void {
  checkSizes('choleskySolve', n, factor.length >= n * n && right.length >= n * columns);
  arena.scoped(() => {
    const triangle = lowerTriangle(arena, factor, n);
    triangle.invertBlocks();
    triangle.solve(right, columns);
  });
}

/**
 * The inverse of a symmetric positive definite matrix in place, `n × n` row-major in the arena: factor, inverse of the
 * factor, and its square, n³ floating-point operations. Only the lower triangle is read; both are written, to the same
 * bits. Needs 1 KiB a row beside the matrix: 12,101 rows take 571 MiB in all.
 * @throws TandemError `TANDEM_NOT_POSITIVE_DEFINITE`
 */
export function choleskyInverse(arena: Arena, matrix: Float32Array, n: number): void {
  checkSizes('choleskyInverse', n, matrix.length >= n * n);
  arena.scoped(() => {
    const triangle = lowerTriangle(arena, matrix, n);
    triangle.factor();
    triangle.invert();
    triangle.square();
    triangle.mirror();
  });
}

/**
 * Solves many small systems of one size, A x = b, in place of the right sides, on the arena's threads. `matrices` is
 * `count × n × n`, of which the upper triangles are read and nothing is changed; `right` is `count × n`.
 * @throws TandemError `TANDEM_NOT_POSITIVE_DEFINITE`; the right sides of the systems that could be solved are solved
 */
export function choleskySolveMany(
  arena: Arena,
  matrices: Float32Array,
  n: number,
  right: Float32Array,
  count: number,
): void {
  checkSizes('choleskySolveMany', n, matrices.length >= count * n * n && right.length >= count * n);
  arena.scoped(() => {
    const kernel = arena.open<CholeskyKernel>(choleskyBinary);
    const failed = arena.int32(count);
    const scratchBytes = kernel.call.scratchBytes(n);
    kernel.parallel('solveMany', count, { block: BLOCK_SYSTEMS, scratchBytes }, (from, to) => [
      matrices.byteOffset + 4 * from * n * n,
      n,
      right.byteOffset + 4 * from * n,
      to - from,
      failed.byteOffset + 4 * from,
    ]);
    const system = failed.findIndex((row) => row > 0);
    if (system >= 0) throw notPositive(failed[system] - 1, n, `system ${system} of ${count}`);
  });
}

function checkSizes(name: string, n: number, fits: boolean): void {
  if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`${name}: ${n} is no order of a matrix.`);
  if (!fits) throw new RangeError(`${name}: arrays are shorter than order ${n} needs.`);
}
