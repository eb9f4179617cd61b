import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { propagateReference } from './propagate-reference.ts';
import { propagate, type SparseRows } from './propagate.ts';
import { SeededRng } from './seeded-rng.ts';

function sparse(rows: number, columns: number, rng: SeededRng): SparseRows {
  const entries = Array.from({ length: rows }, () =>
    Array.from({ length: columns }, (_, column) => column).filter(() => rng.next() < 0.3),
  );
  const flat = entries.flat();
  const offsets = new Int32Array(rows + 1);
  for (const [row, { length }] of entries.entries()) offsets[row + 1] = offsets[row] + length;
  return { offsets, columns: Int32Array.from(flat), values: Float32Array.from(flat, () => rng.normal()) };
}

function inArena(arena: Arena, { offsets, columns, values }: SparseRows): SparseRows {
  const copies = {
    offsets: arena.int32(offsets.length),
    columns: arena.int32(columns.length),
    values: arena.float32(values.length),
  };
  copies.offsets.set(offsets);
  copies.columns.set(columns);
  copies.values.set(values);
  return copies;
}

describe.each(KERNEL_NAMES)('propagate on %s', (kernel) => {
  it.each([1, 2])('agrees with the reference on %i threads', (threads) => {
    const arena = new Arena({ kernel, threads });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1100 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(4, 12, 32, 64, 68),
        fc.constantFrom(1, -0.5),
        fc.constantFrom(0, 1, 2.5),
        fc.nat(),
        (rows, columns, dim, alpha, beta, seed) => {
          const rng = new SeededRng(seed);
          const A = sparse(rows, columns, rng);
          const X = Float32Array.from({ length: columns * dim }, () => rng.normal());
          const B = Float32Array.from({ length: rows * dim }, () => (beta === 0 ? NaN : rng.normal()));
          const expected = new Float32Array(rows * dim);
          propagateReference(A, { X, dim, alpha, beta, B, Y: expected });
          arena.scoped(() => {
            const [x, b, Y] = [X, B, B].map((array) => arena.float32(array.length));
            x.set(X);
            b.set(B);
            propagate(arena, inArena(arena, A), { X: x, dim, alpha, beta, B: b, Y });
            for (let i = 0; i < expected.length; i++)
              if (!(Math.abs(Y[i] - expected[i]) < 1e-4)) expect(Y[i], `element ${i}`).toBeCloseTo(expected[i], 4);
          });
        },
      ),
      { numRuns: 25 },
    );
    arena.close();
  });
});
