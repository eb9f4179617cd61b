import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { RowOptimiser } from '@tandem-rec/contract';
import { SeededRng } from './seeded-rng.ts';
import { SharedTable } from './shared-table.ts';

const DIM = 3;

function tableOf(optimiser: RowOptimiser, { initialStd = 0.1, segmentRows = 4 } = {}): SharedTable {
  return new SharedTable(
    { name: 't', side: 'item', dim: DIM, initialStd, optimiser, rng: new SeededRng(1, 't') },
    segmentRows,
  );
}

function contents(table: SharedTable): Float32Array {
  const all = new Float32Array(table.rows * table.dim);
  table.copy(table.rows, all);
  return all;
}

/** The optimisers once more, dense and element by element, in double precision. */
function denseStep(optimiser: RowOptimiser, values: number[], gradient: number[], memory: Map<string, number[]>): void {
  const l2 = optimiser.l2 ?? 0;
  const g = gradient.map((value, d) => value + l2 * values[d]);
  const kept = (name: string, initial: number) => memory.get(name) ?? g.map(() => initial);
  if (optimiser.kind === 'sgd') g.forEach((value, d) => (values[d] -= optimiser.learningRate * value));
  if (optimiser.kind === 'adagrad') {
    const mean = g.reduce((sum, value) => sum + value * value, 0) / g.length;
    const squares = kept('squares', optimiser.initialAccumulator ?? 0).map(
      (sum, d) => sum + (optimiser.accumulator === 'row' ? mean : g[d] ** 2),
    );
    memory.set('squares', squares);
    g.forEach((value, d) => (values[d] -= (optimiser.learningRate * value) / (Math.sqrt(squares[d]) + 1e-8)));
  }
  if (optimiser.kind === 'adam') {
    const [b1, b2] = [optimiser.beta1 ?? 0.9, optimiser.beta2 ?? 0.999];
    const [step] = kept('step', 0).map((count) => count + 1);
    const first = kept('first', 0).map((m, d) => b1 * m + (1 - b1) * g[d]);
    const second = kept('second', 0).map((v, d) => b2 * v + (1 - b2) * g[d] ** 2);
    memory.set('step', [step, step, step]).set('first', first).set('second', second);
    g.forEach((_, d) => {
      const corrected = Math.sqrt(second[d] / (1 - b2 ** step)) + 1e-8;
      values[d] -= (optimiser.learningRate * (first[d] / (1 - b1 ** step))) / corrected;
    });
  }
}

const optimisers: readonly RowOptimiser[] = [
  { kind: 'sgd', learningRate: 0.1, l2: 0.01 },
  { kind: 'adagrad', learningRate: 0.1 },
  { kind: 'adagrad', learningRate: 0.1, initialAccumulator: 0.1, l2: 0.1 },
  { kind: 'adagrad', learningRate: 0.1, accumulator: 'row', l2: 0.1 },
  { kind: 'adam', learningRate: 0.01 },
  { kind: 'adam', learningRate: 0.01, beta1: 0.5, beta2: 0.9, l2: 0.1 },
];

describe('SharedTable', () => {
  it.each(optimisers)('follows gradients as a dense optimiser would, touched rows only: %o', (optimiser) => {
    const gradient = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: DIM, maxLength: DIM });
    const call = fc.array(fc.tuple(fc.nat(10), gradient), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 6 }), (calls) => {
        const table = tableOf(optimiser);
        table.ensureRows(11);
        const expected = Array.from({ length: 11 }, (_, row) => [...table.rowView(row)]);
        const memories = expected.map(() => new Map<string, number[]>());
        for (const pairs of calls) {
          const rows = Int32Array.from(pairs, ([row]) => row);
          const moved = table.applyGradients(rows, Float32Array.from(pairs.flatMap(([, values]) => values)));
          expect([...moved]).toEqual([...new Set(rows)]);
          for (const row of moved) {
            const sum = pairs.filter(([r]) => r === row).reduce((s, [, v]) => s.map((x, d) => x + v[d]), [0, 0, 0]);
            denseStep(optimiser, expected[row], sum, memories[row]);
          }
        }
        contents(table).forEach((value, i) => {
          const wanted = expected[Math.floor(i / DIM)][i % DIM];
          expect(Math.abs(value - wanted)).toBeLessThan(1e-4);
          // A row that nothing touched has the very bits of its birth.
          if (memories[Math.floor(i / DIM)].size === 0 && optimiser.kind !== 'sgd') expect(value).toBe(wanted);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('lets rows be born the same whether one by one or at once', () => {
    const slowly = tableOf(optimisers[1]);
    for (let count = 1; count <= 13; count++) slowly.ensureRows(count);
    const atOnce = tableOf(optimisers[1]);
    atOnce.ensureRows(13);
    atOnce.ensureRows(2);
    expect(contents(slowly)).toEqual(contents(atOnce));
    expect(new Set(contents(atOnce)).size).toBe(13 * DIM);
  });

  it('never moves what is there: views stay live through growth', () => {
    const table = tableOf(optimisers[0]);
    table.ensureRows(1);
    const view = table.rowView(0);
    table.ensureRows(1000);
    table.assign(Int32Array.of(0), Float32Array.of(7, 8, 9));
    expect([...view]).toEqual([7, 8, 9]);
    view[1] = 5;
    const into = new Float32Array(DIM);
    table.gather(Int32Array.of(0), into);
    expect([...into]).toEqual([7, 5, 9]);
  });

  it('asks the initialiser first, and itself where that declines', () => {
    const table = tableOf(optimisers[0], { segmentRows: 4 });
    const plain = tableOf(optimisers[0], { segmentRows: 4 });
    const asked: number[] = [];
    table.initialise((rows, into) => {
      asked.push(...rows);
      into.forEach((_, i) => (into[i] = rows[Math.floor(i / DIM)]));
      return rows[0] >= 4;
    });
    table.ensureRows(6);
    plain.ensureRows(6);
    expect(asked).toEqual([0, 1, 2, 3, 4, 5]);
    expect(contents(table).subarray(0, 4 * DIM)).toEqual(contents(plain).subarray(0, 4 * DIM));
    expect([...table.rowView(5)]).toEqual([5, 5, 5]);
  });

  it('pulls rows toward targets by their weights', () => {
    const table = tableOf(optimisers[0], { initialStd: 0 });
    table.ensureRows(6);
    table.pull(Int32Array.of(5, 1), Float32Array.of(1, 2, 4, 8, 8, 8), Float32Array.of(0.5, 0));
    expect([...table.rowView(5)]).toEqual([0.5, 1, 2]);
    expect([...table.rowView(1)]).toEqual([0, 0, 0]);
  });

  it('tells by its revision whether rows were born or changed', () => {
    const table = tableOf(optimisers[0]);
    const one = Int32Array.of(0);
    const values = new Float32Array(DIM).fill(1);
    const saved = () => table.save();
    const changes = [
      () => table.ensureRows(2),
      () => table.assign(one, values),
      () => table.applyGradients(one, values),
      () => table.pull(one, values, Float32Array.of(0.5)),
      () => table.load(saved()),
    ];
    for (const change of changes) {
      const before = table.revision;
      change();
      expect(table.revision).toBeGreaterThan(before);
    }
    const { revision } = table;
    table.ensureRows(1);
    table.gather(one, values);
    saved();
    expect(table.revision).toBe(revision);
  });

  it('gathers and assigns as an array would', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.array(fc.nat(20)), (written, read) => {
        const table = tableOf(optimisers[0], { initialStd: 0 });
        table.ensureRows(21);
        const reference = new Map<number, number[]>();
        const values = Float32Array.from({ length: written.length * DIM }, (_, i) => i + 1);
        written.forEach((row, i) => reference.set(row, [...values.subarray(i * DIM, (i + 1) * DIM)]));
        table.assign(Int32Array.from(written), values);
        const into = new Float32Array(read.length * DIM);
        table.gather(Int32Array.from(read), into);
        expect([...into]).toEqual(read.flatMap((row) => reference.get(row) ?? [0, 0, 0]));
      }),
    );
  });

  it('gathers zeros for row −1, somebody who was never met', () => {
    const table = tableOf(optimisers[0]);
    table.ensureRows(2);
    const into = new Float32Array(2 * DIM).fill(9);
    table.gather(Int32Array.of(-1, 1), into);
    expect([...into]).toEqual([0, 0, 0, ...table.rowView(1)]);
    expect(() => table.gather(Int32Array.of(-2), into)).toThrow(RangeError);
  });

  it.each(optimisers)('says which row overflowed, before anybody ranks with it: %o', (optimiser) => {
    const table = tableOf(optimiser, { initialStd: 0 });
    table.ensureRows(9);
    table.applyGradients(Int32Array.of(7), Float32Array.of(1, 1, 1));
    const bad = optimiser.kind === 'sgd' ? -3e38 : NaN;
    table.assign(Int32Array.of(7), Float32Array.of(0, 3.4e38, 0));
    expect(() => table.applyGradients(Int32Array.of(1, 7), Float32Array.of(0, 0, 0, 0, bad, 0))).toThrow(
      expect.objectContaining({
        code: 'TANDEM_NOT_FINITE',
        message: expect.stringMatching(/^Row 7 of t is not finite after a step of (sgd|adagrad|adam) at the rate 0/),
      }),
    );
  });

  it('refuses rows that were not born and arrays that are too short', () => {
    const table = tableOf(optimisers[0]);
    table.ensureRows(2);
    const three = new Float32Array(DIM);
    expect(() => table.gather(Int32Array.of(2), three)).toThrow('t: row 2 of 2.');
    expect(() => table.applyGradients(Int32Array.of(-1), three)).toThrow(RangeError);
    expect(() => table.assign(Int32Array.of(0, 1), three)).toThrow(/need 6 numbers, received 3/);
    expect(() => table.rowView(2)).toThrow(RangeError);
    expect(() => table.copy(3, new Float32Array(99))).toThrow(RangeError);
    expect(() => tableOf(optimisers[0], { segmentRows: 1000 })).toThrow(/power of two/);
  });
});
