import { SeededRng, SharedTable } from '@tandem-rec/compute';
import type { GrantedTable, Rows } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { ItemVectors } from './item-vectors.ts';

/** Vectors that are rows three times, with a count of how many were made. */
function vectorsOf(rows: number) {
  const optimiser = { kind: 'sgd', learningRate: 1 } as const;
  const own = new SharedTable(
    { name: 'item', side: 'item', dim: 2, initialStd: 1, optimiser, rng: new SeededRng(1) },
    4,
  );
  own.ensureRows(rows);
  const table: GrantedTable = Object.assign(own, { access: 'assign' as const });
  let made = 0;
  const vectors = new ItemVectors(2, (wanted) => {
    made += wanted.length;
    const into = new Float32Array(2 * wanted.length);
    table.gather(wanted, into);
    return into.map((value) => 3 * value);
  });
  const expected = (wanted: Rows): number[] => {
    const into = new Float32Array(2 * wanted.length);
    table.gather(wanted, into);
    return [...into.map((value) => 3 * value)];
  };
  return { own, table, vectors, expected, made: () => made };
}

const all = Int32Array.of(0, 1, 2, 3, 4);

describe('vectors of items', () => {
  it('are made once while nothing changes, whatever is asked for', () => {
    const { table, vectors, expected, made } = vectorsOf(5);
    for (const rows of [all, Int32Array.of(4, 3, 2, 1, 0), Int32Array.of(2, -1), all])
      expect([...vectors.of(rows, table)]).toEqual(expected(rows));
    expect(made()).toBe(5);
  });

  it('are made only of those asked for where these are few', () => {
    const { table, vectors, expected, made } = vectorsOf(5);
    expect([...vectors.of(Int32Array.of(3), table)]).toEqual(expected(Int32Array.of(3)));
    expect(made()).toBe(1);
  });

  it('follow rows that change or are born, and forget when told', () => {
    const { own, table, vectors, expected, made } = vectorsOf(4);
    vectors.of(all.subarray(0, 4), table);
    own.applyGradients(Int32Array.of(2), Float32Array.of(1, 1));
    expect([...vectors.of(all.subarray(0, 4), table)]).toEqual(expected(all.subarray(0, 4)));
    own.ensureRows(5);
    expect([...vectors.of(all, table)]).toEqual(expected(all));
    vectors.forget();
    vectors.of(all, table);
    expect(made()).toBe(4 + 4 + 5 + 5);
  });
});
