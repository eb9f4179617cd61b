import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveAlsRowsReference } from './als-reference.ts';
import { solveAlsRows, weightedGram, type AlsRows, type AlsSolver } from './als.ts';
import { Arena } from './arena.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { SeededRng } from './seeded-rng.ts';

function problem(arena: Arena, seed: number, dim: number, used: number, count: number, others: number): AlsRows {
  const rng = new SeededRng(seed);
  const lists = Array.from({ length: count }, () => Array.from({ length: rng.int(12) }, () => rng.int(others)));
  const system: AlsRows = {
    dim,
    offsets: arena.int32(count + 1),
    items: arena.int32(lists.flat().length),
    other: arena.float32(others * dim),
    gram: arena.float32(dim * dim),
    ridges: arena.float32(count),
    rows: arena.float32(count * dim),
    losses: arena.float32(count),
  };
  system.items.set(lists.flat());
  for (const [row, list] of lists.entries()) {
    system.offsets[row + 1] = system.offsets[row] + list.length;
    system.ridges[row] = 0.1 + rng.next();
  }
  for (let i = 0; i < others; i++) for (let d = 0; d < used; d++) system.other[i * dim + d] = rng.normal();
  for (let i = 0; i < count; i++) for (let d = 0; d < used; d++) system.rows[i * dim + d] = rng.normal();
  weightedGram(arena, system.other, others, dim, 0.3, system.gram);
  return system;
}

describe.each(KERNEL_NAMES)('rows of alternating least squares on %s', (kernel) => {
  const solvers: readonly AlsSolver[] = [{ kind: 'cholesky' }, { kind: 'conjugate-gradients', steps: 80 }];
  it.each(solvers)('$kind solves the normal equations', (solver) => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 32 }),
        fc.integer({ min: 1, max: 90 }),
        (seed, used, count) => {
          const arena = new Arena({ kernel });
          const system = problem(arena, seed, Math.ceil(used / 16) * 16, used, count, 40);
          const expected = { ...system, rows: system.rows.slice(), losses: system.losses.slice() };
          solveAlsRowsReference(expected);
          solveAlsRows(arena, system, solver);
          for (let i = 0; i < expected.rows.length; i++) expect(system.rows[i]).toBeCloseTo(expected.rows[i], 3);
          for (let i = 0; i < count; i++) expect(system.losses[i]).toBeCloseTo(expected.losses[i], 2);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('every step of conjugate gradients comes nearer', () => {
    const loss = (steps: number) => {
      const arena = new Arena({ kernel });
      const system = problem(arena, 5, 32, 32, 50, 40);
      solveAlsRows(arena, system, { kind: 'conjugate-gradients', steps });
      return system.losses.reduce((sum, value) => sum + value, 0);
    };
    const losses = [0, 1, 2, 3, 8].map(loss);
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThan(losses[i - 1]);
  });

  it('gives the same bits on two threads', () => {
    const solved = (threads: number) => {
      const arena = new Arena({ kernel, threads });
      const system = problem(arena, 9, 16, 16, 300, 40);
      solveAlsRows(arena, system, { kind: 'conjugate-gradients', steps: 3 });
      arena.close();
      return [...system.rows];
    };
    expect(solved(2)).toEqual(solved(1));
  });
});

it('leaves a row as it is where the matrix is singular', () => {
  const arena = new Arena();
  const system = problem(arena, 1, 16, 16, 20, 30);
  system.gram.fill(0);
  system.ridges.fill(0);
  const before = system.rows.slice();
  solveAlsRows(arena, system, { kind: 'cholesky' });
  // Nobody met 16 rows.
  for (let row = 0; row < 20; row++)
    if (system.offsets[row] < system.offsets[row + 1])
      expect(system.rows.slice(row * 16, (row + 1) * 16)).toEqual(before.slice(row * 16, (row + 1) * 16));
});

it('refuses widths that are not multiples of 16', () => {
  const arena = new Arena();
  const system = problem(arena, 1, 16, 16, 1, 1);
  expect(() => solveAlsRows(arena, { ...system, dim: 20 }, { kind: 'cholesky' })).toThrow(RangeError);
});
