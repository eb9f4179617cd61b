import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { bprReference, sampledSoftmaxReference } from './pair-steps-reference.ts';
import {
  ArenaAdam,
  bprPairs,
  gatheredRows,
  gatherRows,
  sampledSoftmax,
  scatterRows,
  softmaxPairs,
} from './pair-steps.ts';
import { SeededRng } from './seeded-rng.ts';
import { arenaSgemm } from './sgemm.ts';

const ROWS = 9;

const row = (values: Float32Array, at: number, dim: number): Float32Array => values.subarray(at * dim, (at + 1) * dim);

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(actual[i] - expected[i]) < 1e-4 * (1 + Math.abs(expected[i]))))
      expect.fail(`${what}[${i}] is ${actual[i]}, not ${expected[i]}`);
}

/** Pairs and negatives drawn from one table of few rows, so that some are named twice and some negatives are items. */
function draw(arena: Arena, size: number, count: number, dim: number, seed: number) {
  const rng = new SeededRng(seed);
  const table = arena.float32(ROWS * dim).map(() => rng.normal() / 2);
  const own = arena.float32(table.length);
  own.set(table);
  const [users, items, negatives] = [size, size, count].map((rows) => gatheredRows(arena, rows, dim));
  for (const { rows } of [users, items, negatives]) rows.set(rows.map(() => rng.int(ROWS)));
  return { rng, table: own, users, items, negatives };
}

describe.each(KERNEL_NAMES)('steps of learning from pairs on %s', (kernel) => {
  const arena = new Arena({ kernel, threads: 2 });
  const sizes = [fc.integer({ min: 1, max: 300 }), fc.constantFrom(4, 12, 64), fc.boolean(), fc.nat()] as const;

  it('gathers rows, of length one where asked', () => {
    fc.assert(
      fc.property(...sizes, (size, dim, unit, seed) =>
        arena.scoped(() => {
          const { table, users } = draw(arena, size, 4, dim, seed);
          gatherRows(arena, table, users, size, unit);
          for (let k = 0; k < size; k++) {
            const source = row(table, users.rows[k], dim);
            const length = unit ? Math.hypot(...source) : 1;
            expectClose(
              row(users.values, k, dim),
              source.map((value) => value / length),
              `row ${k}`,
            );
            expect(users.inverses[k]).toBeCloseTo(1 / length, 4);
          }
        }),
      ),
      { numRuns: 12 },
    );
  });

  it('has the loss and the gradients of a sampled softmax', () => {
    fc.assert(
      fc.property(...sizes, (size, dim, unit, seed) =>
        arena.scoped(() => {
          const count = 4 * (1 + (seed % 5));
          const { rng, table, users, items, negatives } = draw(arena, size, count, dim, seed);
          for (const rows of [users, items, negatives]) gatherRows(arena, table, rows, rows.rows.length, unit);
          const [shifts, losses, scores] = [count, size, size * count].map((length) => arena.float32(length));
          shifts.set(shifts.map(() => rng.normal()));
          const matrix = (data: Float32Array, width: number) => ({ data, row: width });
          const [U, N, S] = [matrix(users.values, dim), matrix(negatives.values, dim), matrix(scores, count)];
          arenaSgemm(arena, { transB: true }, size, count, dim, 1, U, N, 0, S);
          const pairs = { users, items, negatives, count, shifts, scores, factor: 1.7, weight: 0.5, losses };
          sampledSoftmax(arena, pairs, 0, size);
          arenaSgemm(arena, {}, size, dim, count, 1, S, N, 1, matrix(users.gradients, dim));
          const dN = new Float64Array(count * dim);
          for (let k = 0; k < size; k++) {
            const competes = Array.from(negatives.rows, (item) => item !== items.rows[k]);
            const expected = sampledSoftmaxReference(
              row(users.values, k, dim),
              row(items.values, k, dim),
              Array.from({ length: count }, (_, j) => row(negatives.values, j, dim)),
              shifts,
              competes,
              1.7,
            );
            expect(losses[k]).toBeCloseTo(expected.loss, 4);
            expectClose(
              row(users.gradients, k, dim),
              expected.du.map((value) => value / 2),
              `user ${k}`,
            );
            expectClose(
              row(items.gradients, k, dim),
              expected.dp.map((value) => value / 2),
              `item ${k}`,
            );
            for (const [i, value] of expected.dn.flat().entries()) dN[i] += value / 2;
          }
          arenaSgemm(arena, { transA: true }, count, dim, size, 1, S, U, 0, matrix(negatives.gradients, dim));
          expectClose(negatives.gradients, dN, 'negative');
        }),
      ),
      { numRuns: 12 },
    );
  });

  it('takes any number of pairs, in blocks, as it takes them at once', () => {
    arena.scoped(() => {
      const [size, count, dim] = [1100, 12, 4];
      const { rng, table, users, items, negatives } = draw(arena, size, count, dim, 5);
      for (const rows of [users, items, negatives]) gatherRows(arena, table, rows, rows.rows.length, true);
      const [shifts, losses] = [count, size].map((length) => arena.float32(length));
      shifts.set(shifts.map(() => rng.normal()));
      softmaxPairs(arena, { users, items, negatives, shifts, factor: 2, weight: 0.5, losses }, size);
      const dN = new Float64Array(count * dim);
      for (let k = 0; k < size; k++) {
        const expected = sampledSoftmaxReference(
          row(users.values, k, dim),
          row(items.values, k, dim),
          Array.from({ length: count }, (_, j) => row(negatives.values, j, dim)),
          shifts,
          Array.from(negatives.rows, (item) => item !== items.rows[k]),
          2,
        );
        expect(losses[k]).toBeCloseTo(expected.loss, 4);
        const du = expected.du.map((value) => value / 2);
        expectClose(row(users.gradients, k, dim), du, `user ${k}`);
        for (const [i, value] of expected.dn.flat().entries()) dN[i] += value / 2;
      }
      expectClose(negatives.gradients, dN, 'negative');
    });
  });

  it('has the loss and the gradients of BPR', () => {
    fc.assert(
      fc.property(...sizes, (size, dim, unit, seed) =>
        arena.scoped(() => {
          const { table, users, items, negatives } = draw(arena, size, size, dim, seed);
          for (const rows of [users, items, negatives]) gatherRows(arena, table, rows, size, unit);
          const losses = arena.float32(size);
          bprPairs(arena, { users, items, negatives, factor: 1.7, weight: 2, losses }, size);
          for (let k = 0; k < size; k++) {
            const vectors = [users, items, negatives].map(({ values }) => row(values, k, dim));
            const expected = bprReference(vectors[0], vectors[1], vectors[2], 1.7);
            expect(losses[k]).toBeCloseTo(expected.loss, 4);
            for (const [rows, gradient] of [
              [users, expected.du],
              [items, expected.dp],
              [negatives, expected.dn],
            ] as const)
              expectClose(
                row(rows.gradients, k, dim),
                gradient.map((value) => 2 * value),
                `${k}`,
              );
          }
        }),
      ),
      { numRuns: 12 },
    );
  });

  it('scatters gradients back through the length of a row', () => {
    arena.scoped(() => {
      const { rng, table, users } = draw(arena, 40, 4, 8, 3);
      const target = Float32Array.from({ length: 40 * 8 }, () => rng.normal());
      const loss = (): number => {
        gatherRows(arena, table, users, 40, true);
        return users.values.reduce((sum, value, i) => sum + value * target[i], 0);
      };
      loss();
      users.gradients.set(target);
      const gradient = arena.float32(table.length);
      scatterRows(arena, users, 40, true, gradient);
      const numeric = table.map((value, i) => {
        table[i] = value + 5e-3;
        const above = loss();
        table[i] = value - 5e-3;
        const below = loss();
        table[i] = value;
        return (above - below) / 1e-2;
      });
      for (let i = 0; i < numeric.length; i++) expect(Math.abs(gradient[i] - numeric[i])).toBeLessThan(0.02);
    });
  });

  it('moves parameters as Adam does', () => {
    arena.scoped(() => {
      const rng = new SeededRng(2);
      const values = arena.float32(8);
      const expected = new Float64Array(8).map(() => rng.normal());
      values.set(expected);
      const adam = new ArenaAdam(arena, values);
      const gradient = arena.float32(8);
      const [mean, variance] = [new Float64Array(8), new Float64Array(8)];
      for (let t = 1; t <= 5; t++) {
        for (let i = 0; i < 8; i++) {
          const g = (gradient[i] = rng.normal());
          mean[i] = 0.9 * mean[i] + 0.1 * g;
          variance[i] = 0.999 * variance[i] + 0.001 * g * g;
          const step = mean[i] / (1 - 0.9 ** t) / (Math.sqrt(variance[i] / (1 - 0.999 ** t)) + 1e-8);
          expected[i] -= 0.1 * 0.01 * expected[i] + 0.1 * step;
        }
        adam.step(gradient, 0.1, 0.01);
      }
      expectClose(values, expected, 'value');
    });
  });

  it('moves named rows as Adam does, and no others', () => {
    arena.scoped(() => {
      const rng = new SeededRng(4);
      const [some, all] = [0, 1].map(() => arena.float32(5 * 4));
      some.set(some.map(() => rng.normal()));
      all.set(some);
      const before = some.slice();
      const gradient = arena.float32(5 * 4);
      const [lazy, dense] = [new ArenaAdam(arena, some), new ArenaAdam(arena, all)];
      for (let t = 0; t < 3; t++) {
        gradient.set(gradient.map(() => rng.normal()));
        lazy.stepRows(Int32Array.of(3, 1), 4, gradient, 0.1, 0.01);
        dense.step(gradient, 0.1, 0.01);
      }
      for (let k = 0; k < 5; k++)
        expect([...row(some, k, 4)]).toEqual([...row(k === 1 || k === 3 ? all : before, k, 4)]);
    });
  });
});
