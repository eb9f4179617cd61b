import { patternFilter, patternOf, patternTimes, transposed, type Arena, type Pattern } from '@tandem-rec/compute';
import type { Rows } from '@tandem-rec/contract';

/** R̃ = D_U^-½ R D_I^-½ (users × items): the interactions, each divided by the roots of both degrees. In an arena. */
export class NormalisedGraph {
  readonly users: number;
  readonly items: number;
  /** D_I */
  readonly itemDegrees: Float32Array;
  /** D_I^-½, 0 for items that nobody met. */
  readonly itemScales: Float32Array;
  readonly #arena: Arena;
  readonly #R: Pattern;
  readonly #RT: Pattern;
  /** D_U⁻¹ */
  readonly #userScales: Float32Array;

  constructor(arena: Arena, offsets: Int32Array, items: Rows, itemCount: number) {
    this.#arena = arena;
    this.#R = patternOf(offsets, items, itemCount, arena);
    this.#RT = transposed(this.#R, arena);
    this.users = this.#R.rows;
    this.items = itemCount;
    this.itemDegrees = degrees(arena, this.#RT);
    this.itemScales = arena.float32(itemCount);
    this.#userScales = arena.float32(this.users);
    const inverse = (degree: number): number => (degree === 0 ? 0 : 1 / degree);
    for (let i = 0; i < itemCount; i++) this.itemScales[i] = Math.sqrt(inverse(this.itemDegrees[i]));
    degrees(arena, this.#R).forEach((degree, u) => (this.#userScales[u] = inverse(degree)));
  }

  /** R̃ᵀ R̃ Q into `Z` (items × l); Q is scaled on the way. */
  smooth(Q: Float32Array, l: number, Z: Float32Array): void {
    this.#arena.scoped(() => {
      const Y = this.#arena.float32(this.users * l);
      scaleRows(Q, this.itemScales, l);
      patternTimes(this.#arena, this.#R, { data: Q, row: l }, l, Y);
      scaleRows(Y, this.#userScales, l);
      patternTimes(this.#arena, this.#RT, { data: Y, row: l }, l, Z);
      scaleRows(Z, this.itemScales, l);
    });
  }

  /** Adds H R̃ᵀ R̃ D_I^½ diag(last) to `scores` (rows of H × items). */
  linear(H: Pattern, last: Float32Array, scores: Float32Array): void {
    patternFilter(this.#arena, H, this.#R, this.#RT, this.itemScales, this.#userScales, last, scores);
  }
}

function degrees(arena: Arena, { rows, offsets }: Pattern): Float32Array {
  const counts = arena.float32(rows);
  for (let row = 0; row < rows; row++) counts[row] = offsets[row + 1] - offsets[row];
  return counts;
}

/** diag(scales) · M in place. */
export function scaleRows(M: Float32Array, scales: Float32Array, width: number): void {
  for (let row = 0, at = 0; row < scales.length; row++) {
    const scale = scales[row];
    for (const end = at + width; at < end; at++) M[at] *= scale;
  }
}
