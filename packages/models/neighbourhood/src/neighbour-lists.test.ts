import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NeighbourLists } from './neighbour-lists.ts';

const listsOf = (lists: NeighbourLists) =>
  Array.from({ length: lists.rows }, (_, row) => {
    const { starts, lengths, columns, weights } = lists;
    const entries = Array.from(
      { length: lengths[row] },
      (__, i) => [columns[starts[row] + i], weights[starts[row] + i]] as const,
    );
    return new Map(entries);
  });

const additions = fc.array(fc.tuple(fc.nat(9), fc.nat(400), fc.integer({ min: 1, max: 4 })), { maxLength: 1500 });

describe('NeighbourLists', () => {
  it('is a sparse matrix', () => {
    fc.assert(
      fc.property(additions, (events) => {
        const lists = new NeighbourLists(512);
        const expected = new Map<number, Map<number, number>>();
        for (const [row, column, weight] of events) {
          lists.add(row, column, weight);
          const line = expected.get(row) ?? new Map<number, number>();
          expected.set(row, line.set(column, (line.get(column) ?? 0) + weight));
        }
        for (const [row, line] of listsOf(lists).entries()) expect(line).toEqual(expected.get(row) ?? new Map());
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the strongest where it is bounded', () => {
    const lists = new NeighbourLists(20);
    for (let column = 0; column < 100; column++) lists.add(0, column, column % 10 === 0 ? 50 : 1);
    const [line] = listsOf(lists);
    expect(line.size).toBeLessThanOrEqual(20);
    expect([...line.keys()].filter((column) => column % 10 === 0)).toHaveLength(10);
  });

  it('continues bit for bit from a saved state', () => {
    fc.assert(
      fc.property(additions, additions, (before, after) => {
        const one = new NeighbourLists(48);
        for (const [row, column, weight] of before) one.add(row, column, weight / 3);
        const other = new NeighbourLists(48);
        other.add(3, 7, 1);
        other.load({ version: 1, arrays: structuredClone(one.save()), values: {} });
        for (const [row, column, weight] of after) {
          one.add(row, column, weight / 7);
          other.add(row, column, weight / 7);
        }
        expect(other.save()).toEqual(one.save());
      }),
      { numRuns: 20 },
    );
  });
});
