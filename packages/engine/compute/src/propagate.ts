import type { Arena } from './arena.ts';
import { propagateBinary } from './binaries/propagate.ts';

/** A sparse matrix by rows: the entries of row r are at `offsets[r] … offsets[r + 1] - 1`. */
export interface SparseRows {
  /** Length: rows + 1. */
  readonly offsets: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** What {@link propagate} computes: `Y = alpha · A · X + beta · B`; rows of X, B and Y have `dim` floats. */
export interface Propagation {
  readonly X: Float32Array;
  /** A multiple of four. */
  readonly dim: number;
  /** Default 1. */
  readonly alpha?: number;
  /** Default 0: B is not read. */
  readonly beta?: number;
  /** Default: Y. */
  readonly B?: Float32Array;
  /** Must not be X. */
  readonly Y: Float32Array;
}

interface PropagateFunctions {
  readonly propagate: (...numbers: number[]) => void;
}

/** Rows of Y that one thread takes at a time. */
const BLOCK_ROWS = 512;

/**
 * Sparse times dense in place, on arrays of an arena and on its threads: about 2 · entries · dim operations, limited by
 * how fast rows of X are read. The bits do not depend on the number of threads.
 */
export function propagate(
  arena: Arena,
  { offsets, columns, values }: SparseRows,
  { X, dim, alpha = 1, beta = 0, Y, B = Y }: Propagation,
): void {
  if (dim % 4 !== 0) throw new RangeError(`propagate: rows of ${dim} floats; allowed: multiples of four.`);
  const [o, c, v, x, b, y] = [offsets, columns, values, X, B, Y].map(({ byteOffset }) => byteOffset);
  arena
    .open<PropagateFunctions>(propagateBinary)
    .parallel('propagate', offsets.length - 1, { block: BLOCK_ROWS }, (from, to) => [
      ...[from, to, o, c, v, x, dim, alpha, beta, b, y],
    ]);
}
