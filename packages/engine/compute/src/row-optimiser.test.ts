import type { RowOptimiser } from '@tandem-rec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveRowReference } from './row-optimiser-reference.ts';
import { planesOf } from './row-optimiser.ts';
import { SeededRng } from './seeded-rng.ts';
import { SharedTable } from './shared-table.ts';

const ROWS = 150;

const optimisers: readonly RowOptimiser[] = [
  { kind: 'sgd', learningRate: 0.1, l2: 0.01 },
  { kind: 'adagrad', learningRate: 0.1, initialAccumulator: 0.1, l2: 0.1 },
  { kind: 'adagrad', learningRate: 0.1, accumulator: 'row', l2: 0.1 },
  { kind: 'adam', learningRate: 0.01, beta2: 0.9, l2: 0.1 },
];

describe.each(optimisers)('the kernel of %o', (optimiser) => {
  it('moves rows of any width as the reference does, and touches no others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), (dim, seed) => {
        const rng = new SeededRng(seed);
        const table = new SharedTable({ name: 't', side: 'item', dim, initialStd: 1, optimiser, rng }, 128);
        table.ensureRows(ROWS);
        const values = new Float32Array(ROWS * dim);
        table.copy(ROWS, values);
        const state = planesOf(optimiser, dim).map(({ width, initial }) =>
          new Float32Array(ROWS * width).fill(initial),
        );
        for (const rate of [1, 0.5, 0]) {
          const move = moveRowReference({ ...optimiser, learningRate: rate * optimiser.learningRate }, dim);
          // Each once; more than a block of a segment.
          const rows = Int32Array.from({ length: ROWS }, (_, row) => row).filter(() => rng.next() < 0.7);
          const gradients = Float32Array.from({ length: rows.length * dim }, () => rng.normal());
          table.applyGradients(rows, gradients, rate);
          for (const [k, row] of rows.entries()) move(values, row * dim, state, row, gradients, k * dim);
        }
        const arrays = [values, ...state];
        for (const [plane, { data }] of table.save().entries())
          for (let i = 0; i < data.length; i++)
            expect(Math.abs(Number(data[i]) - arrays[plane][i])).toBeLessThan(2e-6 * (1 + Math.abs(arrays[plane][i])));
      }),
      { numRuns: 25 },
    );
  });
});
