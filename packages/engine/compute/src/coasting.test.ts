import { describe, expect, it } from 'vitest';
import { SeededRng } from './seeded-rng.ts';
import { SharedTable } from './shared-table.ts';

const ROWS = 11;
const DIM = 5;
const OPTIMISER = { kind: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.98, idle: 'coast' } as const;

const tableOf = (): SharedTable => {
  const rng = new SeededRng(4, 't');
  const table = new SharedTable({ name: 't', side: 'item', dim: DIM, initialStd: 1, optimiser: OPTIMISER, rng }, 4);
  table.ensureRows(ROWS);
  return table;
};

const contents = (table: SharedTable): Float32Array => {
  const values = new Float32Array(table.rows * DIM);
  table.copy(table.rows, values);
  return values;
};

/** Row r has a gradient in every (1 + 4 r)th step, which has a bias of its own. */
function gradientsOf(step: number): { readonly rows: Int32Array; readonly values: Float32Array } {
  const rng = new SeededRng(step);
  const rows = Int32Array.from({ length: ROWS }, (_, row) => row).filter((row) => step % (1 + 4 * row) === 0);
  return { rows, values: Float32Array.from({ length: rows.length * DIM }, () => 0.5 + rng.normal()) };
}

/** Kingma and Ba (2015), algorithm 1, of the whole table; rows without a gradient have zeros. */
class DenseAdam {
  readonly values: Float64Array;
  readonly #m = new Float64Array(ROWS * DIM);
  readonly #v = new Float64Array(ROWS * DIM);
  #t = 0;

  constructor(values: Float32Array) {
    this.values = Float64Array.from(values);
  }

  step(rows: Int32Array, values: Float32Array, rate: number): void {
    const { beta1, beta2, learningRate } = OPTIMISER;
    const g = new Float64Array(ROWS * DIM);
    rows.forEach((row, i) => g.set(values.subarray(i * DIM, (i + 1) * DIM), row * DIM));
    this.#t++;
    for (let i = 0; i < g.length; i++) {
      this.#m[i] = beta1 * this.#m[i] + (1 - beta1) * g[i];
      this.#v[i] = beta2 * this.#v[i] + (1 - beta2) * g[i] ** 2;
      const m = this.#m[i] / (1 - beta1 ** this.#t);
      const v = this.#v[i] / (1 - beta2 ** this.#t);
      this.values[i] -= (rate * learningRate * m) / (Math.sqrt(v) + 1e-8);
    }
  }
}

describe('a table whose rows coast', () => {
  it('goes the way of dense Adam, wherever rows are touched and at any rate', () => {
    const table = tableOf();
    const born = contents(table);
    const dense = new DenseAdam(born);
    for (let step = 1; step <= 400; step++) {
      const { rows, values } = gradientsOf(step);
      const rate = step < 300 ? 1 : 0.5;
      table.applyGradients(rows, values, rate);
      dense.step(rows, values, rate);
      const now = contents(table);
      for (let i = 0; i < now.length; i++) {
        const way = Math.abs(dense.values[i] - born[i]);
        // A row’s rest of the way comes in one piece.
        expect(Math.abs(now[i] - dense.values[i])).toBeLessThan(0.05 * way + 0.03);
      }
    }
    // Lazy Adam would be behind by most of the way.
    const ways = dense.values.map((value, i) => Math.abs(value - born[i]));
    expect(Math.max(...ways.subarray(10 * DIM))).toBeGreaterThan(0.3);
  });

  it('rests in the end, and returns the rows that had gradients', () => {
    const table = tableOf();
    expect([...table.applyGradients(Int32Array.of(7, 2, 7), new Float32Array(3 * DIM).fill(1))]).toEqual([7, 2]);
    const other = new Float32Array(DIM);
    const [before, after] = [contents(table), (table.applyGradients(Int32Array.of(0), other), contents(table))];
    expect(after[7 * DIM]).toBeLessThan(before[7 * DIM]);
    for (let step = 0; step < 20; step++) table.applyGradients(Int32Array.of(0), other);
    const rested = contents(table);
    table.applyGradients(Int32Array.of(0), other);
    expect(contents(table)).toEqual(rested);
  });

  it('continues from a saved state bit for bit', () => {
    const [one, other] = [tableOf(), tableOf()];
    for (let step = 1; step <= 50; step++) one.applyGradients(gradientsOf(step).rows, gradientsOf(step).values);
    other.load(one.save());
    for (let step = 51; step <= 100; step++) {
      const { rows, values } = gradientsOf(step);
      for (const table of [one, other]) table.applyGradients(rows, values);
    }
    expect(other.save()).toEqual(one.save());
  });
});
