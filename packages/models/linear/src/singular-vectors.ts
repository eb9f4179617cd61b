import { arenaSgemm, symmetricEigen, type Arena } from '@tandem-rec/compute';
import type { NormalisedGraph } from './normalised-graph.ts';
import { orthonormalise } from './orthonormalise.ts';

/** Squared singular values below this share of the largest are rounding. */
const RESIDUE = 1e-5;

/**
 * The right singular vectors of R̃ that belong to its largest singular values, by randomised subspace iteration (Halko,
 * Martinsson and Tropp, SIAM Review 2011, algorithm 4.4) with a Rayleigh–Ritz step at the end. Q (items × l) comes in as
 * what is to be iterated, random or from before, and goes out as the vectors, those of the largest values first; answers
 * how many of them are vectors: columns beyond the matrix's rank are not.
 */
export function singularVectors(
  arena: Arena,
  graph: NormalisedGraph,
  Q: Float32Array,
  l: number,
  iterations: number,
): number {
  const n = graph.items;
  return arena.scoped(() => {
    const Z = arena.float32(n * l);
    const kept = arena.float32(n * l);
    for (let pass = 0; pass < iterations; pass++) {
      graph.smooth(Q, l, Z);
      orthonormalise(arena, Z, n, l, Q);
    }
    // C = Qᵀ R̃ᵀ R̃ Q = E Λ Eᵀ; the vectors are Q E.
    kept.set(Q.subarray(0, n * l));
    graph.smooth(Q, l, Z);
    const C = arena.float32(l * l);
    arenaSgemm(arena, { transA: true }, l, l, n, 1, { data: kept, row: l }, { data: Z, row: l }, 0, {
      data: C,
      row: l,
    });
    const symmetric = Float64Array.from(C, (value, at) => (value + C[(at % l) * l + Math.floor(at / l)]) / 2);
    const { values, vectors } = symmetricEigen(symmetric, l);
    C.set(vectors);
    arenaSgemm(arena, {}, n, l, l, 1, { data: kept, row: l }, { data: C, row: l }, 0, { data: Q, row: l });
    return values.filter((value) => value > RESIDUE * values[0]).length;
  });
}
