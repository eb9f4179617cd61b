import type { Arena } from './arena.ts';
import { alsBinary } from './binaries/als.ts';
import { arenaSgemm } from './sgemm.ts';

/** Rows that one thread takes at a time. */
const BLOCK_ROWS = 64;

/** Rows to be solved for, all in one arena unless the reference solves them. Widths are multiples of 16, padded with zeros. */
export interface AlsRows {
  /** Width of a row. */
  readonly dim: number;
  /** What each row met: row r has `items[offsets[r] … offsets[r + 1])`, rows of `other`. */
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  readonly other: Float32Array;
  /** w·G with G = Σ h hᵀ over all rows h of `other`, dim × dim. */
  readonly gram: Float32Array;
  /** Weight of ‖x‖² by row. */
  readonly ridges: Float32Array;
  /** Where to begin, and the solutions, `rows × dim`. */
  readonly rows: Float32Array;
  /** Of each row the objective that was minimised: Σ (1 − ⟨h, x⟩)² + xᵀ(w·G + ridge·I)x. */
  readonly losses: Float32Array;
}

/** Conjugate gradients from the rows as they are with so many steps, or an exact solution. */
export type AlsSolver =
  { readonly kind: 'conjugate-gradients'; readonly steps: number } | { readonly kind: 'cholesky' };

/**
 * One half pass of implicit alternating least squares (Hu, Koren and Volinsky 2008): each row x becomes the minimum of
 * Σ (1 − ⟨h, x⟩)² over what it met, plus xᵀ(w·G + ridge·I)x. Rows that met nothing become zero; those that Cholesky's
 * decomposition finds singular to rounding stay as they are. In place, on the arena's threads; the bits do not depend on
 * their number.
 */
export function solveAlsRows(
  arena: Arena,
  { dim, offsets, items, other, gram, ridges, rows, losses }: AlsRows,
  solver: AlsSolver,
): void {
  if (!(Number.isInteger(dim) && dim > 0 && dim % 16 === 0))
    throw new RangeError(`Rows of width ${dim}; allowed: multiples of 16.`);
  const [steps, vectors] = solver.kind === 'cholesky' ? [-1, dim + 2] : [solver.steps, 4];
  const kernel = arena.open<AlsFunctions>(alsBinary);
  const addresses = [gram, offsets, items, other, rows, ridges, losses].map(({ byteOffset }) => byteOffset);
  kernel.parallel(
    'solveRows',
    offsets.length - 1,
    { block: BLOCK_ROWS, scratchBytes: 4 * dim * vectors },
    (from, to) => [from, to, dim, steps, ...addresses],
  );
}

/** `weight` · Σ h hᵀ over the `count` rows of a matrix of an arena, `dim × dim`. */
export function weightedGram(
  arena: Arena,
  rows: Float32Array,
  count: number,
  dim: number,
  weight: number,
  gram: Float32Array,
): void {
  if (count === 0) gram.fill(0);
  else {
    const h = { data: rows, row: dim };
    arenaSgemm(arena, { transA: true }, dim, dim, count, weight, h, h, 0, { data: gram, row: dim });
  }
}

interface AlsFunctions {
  readonly solveRows: (...numbers: number[]) => void;
}
