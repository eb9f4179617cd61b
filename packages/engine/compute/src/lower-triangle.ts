import { notPositive, type CholeskyKernel } from './cholesky-kernel.ts';
import type { Arena } from './arena.ts';
import { choleskyBinary } from './binaries/cholesky.ts';
import { arenaSgemm, type ArenaMatrix, type Transposes } from './sgemm.ts';

/** Order of the diagonal blocks that are not halved further. */
const BLOCK = 128;

/** A symmetric matrix of which the lower triangle is worked on in place; see {@link lowerTriangle}. */
export interface LowerTriangle {
  /** A becomes L, A = L Lᵀ. Notes the inverses of its diagonal blocks. */
  factor(): void;
  /** Notes the inverses of L's diagonal blocks, as `factor` does. */
  invertBlocks(): void;
  /** L becomes X = L⁻¹. */
  invert(): void;
  /** X becomes Xᵀ X. */
  square(): void;
  /** What is above the diagonal becomes what is below. */
  mirror(): void;
  /** B, n × columns, becomes L⁻ᵀ L⁻¹ B. */
  solve(right: Float32Array, columns: number): void;
}

/**
 * The steps of LAPACK's `potrf`, `trtri`, `lauum` and `potrs` by recursive halving (Elmroth, Gustavson, Jonsson and
 * Kågström, "Recursive Blocked Algorithms and Hybrid Data Structures for Dense Matrix Library Software", 2004), so that
 * all but the diagonal blocks is matrix products. Triangular solves with a diagonal block multiply by its inverse. Takes
 * scratch of the arena's.
 */
export function lowerTriangle(arena: Arena, data: Float32Array, n: number): LowerTriangle {
  const kernel = arena.open<CholeskyKernel>(choleskyBinary).call;
  const scratch = arena.reserve(kernel.scratchBytes(BLOCK));
  const starts = arena.float32(n);
  /** n × BLOCK: the inverse of the diagonal block of each row. */
  const inverses = arena.float32(n * BLOCK);
  let copy: Float32Array = new Float32Array(0);

  const place = (i: number, j: number): ArenaMatrix => ({ data, row: n, at: i * n + j });
  const inverseOf = (i: number): ArenaMatrix => ({ data: inverses, row: BLOCK, at: i * BLOCK });
  const product = (
    transposes: Transposes,
    [m, columns, k]: readonly [number, number, number],
    alpha: number,
    A: ArenaMatrix,
    B: ArenaMatrix,
    beta: number,
    C: ArenaMatrix,
  ): void => arenaSgemm(arena, transposes, m, columns, k, alpha, A, B, beta, C);

  /** A dense copy of m × columns of a matrix; valid until the next. */
  function copied({ data: from, row, at = 0 }: ArenaMatrix, m: number, columns: number): ArenaMatrix {
    if (copy.length < m * columns) copy = arena.float32(Math.max(n, columns) * BLOCK);
    for (let i = 0; i < m; i++) copy.set(from.subarray(at + i * row, at + i * row + columns), i * columns);
    return { data: copy, row: columns };
  }

  /** L(i … i + size) from A's. */
  function factor(i: number, size: number): void {
    if (size <= BLOCK) {
      const failed = kernel.factorBlock(scratch, address(i), n, size, starts.byteOffset + 4 * i);
      if (failed >= 0) throw notPositive(i + failed, n);
      invertBlock(i, size);
      return;
    }
    const half = halfOf(size);
    factor(i, half);
    solveFromRight(i + half, size - half, i, half);
    subtractSquare(i + half, size - half, i, half);
    factor(i + half, size - half);
  }

  const address = (i: number): number => data.byteOffset + 4 * (i * n + i);

  function invertBlock(i: number, size: number): void {
    kernel.invertBlock(scratch, address(i), n, size, inverses.byteOffset + 4 * i * BLOCK, BLOCK);
  }

  /** B = (rows r … r + m, columns i … i + size) becomes B L⁻ᵀ, L at i. */
  function solveFromRight(r: number, m: number, i: number, size: number): void {
    if (size <= BLOCK) {
      product({ transB: true }, [m, size, size], 1, copied(place(r, i), m, size), inverseOf(i), 0, place(r, i));
      return;
    }
    const half = halfOf(size);
    const [rest, restSize] = [i + half, size - half];
    solveFromRight(r, m, i, half);
    product({ transB: true }, [m, restSize, half], -1, place(r, i), place(rest, i), 1, place(r, rest));
    solveFromRight(r, m, rest, restSize);
  }

  /** C −= P Pᵀ, C the triangle at c, P its rows from column p on, k wide. */
  function subtractSquare(c: number, size: number, p: number, k: number): void {
    if (size <= BLOCK) {
      product({ transB: true }, [size, size, k], -1, place(c, p), place(c, p), 1, place(c, c));
      return;
    }
    const half = halfOf(size);
    const [rest, restSize] = [c + half, size - half];
    subtractSquare(c, half, p, k);
    product({ transB: true }, [restSize, half, k], -1, place(rest, p), place(c, p), 1, place(rest, c));
    subtractSquare(rest, restSize, p, k);
  }

  /** X = L⁻¹: the lower left part is −X₂ L₂₁ X₁. */
  function invert(i: number, size: number): void {
    if (size <= BLOCK) {
      for (let row = 0; row < size; row++)
        data.set(inverses.subarray((i + row) * BLOCK, (i + row) * BLOCK + size), (i + row) * n + i);
      return;
    }
    const half = halfOf(size);
    const rest = i + half;
    invert(i, half);
    invert(rest, size - half);
    multiplyFromRight(rest, size - half, i, half);
    multiplyFromLeft(rest, size - half, i, half);
  }

  /** B = (rows r … r + m, columns i … i + size) becomes −B X, X at i. */
  function multiplyFromRight(r: number, m: number, i: number, size: number): void {
    if (size <= BLOCK) {
      product({}, [m, size, size], -1, copied(place(r, i), m, size), inverseOf(i), 0, place(r, i));
      return;
    }
    const half = halfOf(size);
    const [rest, restSize] = [i + half, size - half];
    multiplyFromRight(r, m, i, half);
    product({}, [m, half, restSize], -1, place(r, rest), place(rest, i), 1, place(r, i));
    multiplyFromRight(r, m, rest, restSize);
  }

  /** B = (rows r … r + size, columns c … c + m) becomes X B, X at r. */
  function multiplyFromLeft(r: number, size: number, c: number, m: number): void {
    if (size <= BLOCK) {
      product({}, [size, m, size], 1, inverseOf(r), copied(place(r, c), size, m), 0, place(r, c));
      return;
    }
    const half = halfOf(size);
    const [rest, restSize] = [r + half, size - half];
    multiplyFromLeft(rest, restSize, c, m);
    product({}, [restSize, m, half], 1, place(rest, r), place(r, c), 1, place(rest, c));
    multiplyFromLeft(r, half, c, m);
  }

  /** X becomes Xᵀ X. */
  function square(i: number, size: number): void {
    if (size <= BLOCK) {
      product({ transA: true }, [size, size, size], 1, inverseOf(i), inverseOf(i), 0, place(i, i));
      return;
    }
    const half = halfOf(size);
    const [rest, restSize] = [i + half, size - half];
    square(i, half);
    addSquare(i, half, rest, restSize);
    multiplyTransposed(rest, restSize, i, half);
    square(rest, restSize);
  }

  /** C += Pᵀ P, C the triangle at c, P its columns from row p on, k high. */
  function addSquare(c: number, size: number, p: number, k: number): void {
    if (size <= BLOCK) {
      product({ transA: true }, [size, size, k], 1, place(p, c), place(p, c), 1, place(c, c));
      return;
    }
    const half = halfOf(size);
    const [rest, restSize] = [c + half, size - half];
    addSquare(c, half, p, k);
    product({ transA: true }, [restSize, half, k], 1, place(p, rest), place(p, c), 1, place(rest, c));
    addSquare(rest, restSize, p, k);
  }

  /** B = (rows r … r + size, columns c … c + m) becomes Xᵀ B, X at r. */
  function multiplyTransposed(r: number, size: number, c: number, m: number): void {
    if (size <= BLOCK) {
      product({ transA: true }, [size, m, size], 1, inverseOf(r), copied(place(r, c), size, m), 0, place(r, c));
      return;
    }
    const half = halfOf(size);
    const [rest, restSize] = [r + half, size - half];
    multiplyTransposed(r, half, c, m);
    product({ transA: true }, [half, m, restSize], 1, place(rest, r), place(rest, c), 1, place(r, c));
    multiplyTransposed(rest, restSize, c, m);
  }

  return {
    factor: () => {
      for (let i = 0; i < n; i++) starts[i] = data[i * n + i];
      factor(0, n);
    },
    invertBlocks: () => {
      for (let i = 0; i < n; i += BLOCK) invertBlock(i, Math.min(BLOCK, n - i));
    },
    invert: () => invert(0, n),
    square: () => square(0, n),
    mirror: () => {
      // By tiles, so that what is read down a column stays in the cache.
      for (let i = 0; i < n; i += 32)
        for (let j = 0; j <= i; j += 32)
          for (let row = i; row < Math.min(n, i + 32); row++)
            for (let column = j; column < Math.min(row, j + 32); column++)
              data[column * n + row] = data[row * n + column];
    },
    solve: (right, columns) => {
      const rows = (i: number): ArenaMatrix => ({ data: right, row: columns, at: i * columns });
      const blocks = Array.from({ length: Math.ceil(n / BLOCK) }, (_, block) => block * BLOCK);
      for (const i of blocks) {
        const size = Math.min(BLOCK, n - i);
        if (i > 0) product({}, [size, columns, i], -1, place(i, 0), rows(0), 1, rows(i));
        product({}, [size, columns, size], 1, inverseOf(i), copied(rows(i), size, columns), 0, rows(i));
      }
      for (const i of blocks.reverse()) {
        const size = Math.min(BLOCK, n - i);
        const below = n - i - size;
        if (below > 0)
          product({ transA: true }, [size, columns, below], -1, place(i + size, i), rows(i + size), 1, rows(i));
        const one = copied(rows(i), size, columns);
        product({ transA: true }, [size, columns, size], 1, inverseOf(i), one, 0, rows(i));
      }
    },
  };
}

/** The first half, of whole blocks. */
const halfOf = (size: number): number => Math.ceil(size / 2 / BLOCK) * BLOCK;
