import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { Neighbours } from './neighbours.ts';
import { similarReference, voteReference } from './neighbours-reference.ts';
import type { SparseRows } from './propagate.ts';
import { transposedRows } from './transposed-rows.ts';

const ITEMS = 40;

/** Whole numbers, so that sums are exact and ties are many. */
const matrices = fc
  .array(
    fc.uniqueArray(fc.tuple(fc.nat(ITEMS - 1), fc.integer({ min: 1, max: 3 })), {
      selector: ([item]) => item,
      maxLength: 12,
    }),
    {
      maxLength: 60,
    },
  )
  .map((rows): SparseRows => {
    const entries = rows.flat();
    return {
      offsets: Int32Array.from([0, ...rows].map((_, r) => rows.slice(0, r).flat().length)),
      columns: Int32Array.from(entries, ([item]) => item),
      values: Float32Array.from(entries, ([, value]) => value),
    };
  });
const histories = fc.array(fc.array(fc.nat(ITEMS + 3), { maxLength: 8 }), { minLength: 1, maxLength: 5 });

function rowsOf({ k, items, columns, weights, lengths }: Neighbours): Map<number, number>[] {
  return Array.from({ length: items }, (_, item) => {
    const entries = Array.from(
      { length: lengths[item] },
      (__, n) => [columns[item * k + n], weights[item * k + n]] as const,
    );
    return new Map(entries.sort((x, y) => y[1] - x[1] || x[0] - y[0]));
  });
}

describe.each(KERNEL_NAMES)('%s', (kernel) => {
  it('finds the neighbours that the reference finds, and votes as it does', () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 20 }), histories, (W, k, pasts) => {
        const arena = new Arena({ kernel });
        const neighbours = new Neighbours(arena, ITEMS, k);
        neighbours.find(W, transposedRows(W, ITEMS));
        const expected = similarReference(W, ITEMS, k);
        expect(rowsOf(neighbours).map((row) => [...row])).toEqual(expected.map((row) => [...row]));

        const offsets = Int32Array.from([0, ...pasts].map((_, b) => pasts.slice(0, b).flat().length));
        const history = { offsets, items: Int32Array.from(pasts.flat()) };
        const priors = Float32Array.from({ length: ITEMS }, (_, i) => 10 ** (-i / 6));
        const scores = neighbours.vote(pasts.length, history, 6, priors);
        const wanted = voteReference(expected, pasts.length, history, 6, priors);
        for (let i = 0; i < wanted.length; i++)
          expect(Math.abs(scores[i] - wanted[i])).toBeLessThan(1e-5 + 1e-6 * Math.abs(wanted[i]));
        arena.close();
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same bits on any number of threads', () => {
    const items = 1200;
    const offsets = Int32Array.from({ length: 401 }, (_, u) => u * 20);
    const W: SparseRows = {
      offsets,
      columns: Int32Array.from({ length: 8000 }, (_, e) => ((e % 20) * 59 + ((e * e) % 53)) % items).map(
        (item, e, all) => (all.subarray(e - (e % 20), e).includes(item) ? (item * 7 + e) % items : item),
      ),
      values: Float32Array.from({ length: 8000 }, (_, e) => 1 / ((e % 17) + 3)),
    };
    const [one, three] = [1, 3].map((threads) => {
      const arena = new Arena({ kernel, threads });
      const neighbours = new Neighbours(arena, items, 30);
      neighbours.find(W, transposedRows(W, items));
      const history = { offsets: W.offsets, items: W.columns };
      const scores = neighbours.vote(400, history, 20, new Float32Array(items).fill(1e-3)).slice();
      const found = [scores, neighbours.columns.slice(), neighbours.weights.slice(), neighbours.lengths.slice()];
      arena.close();
      return found;
    });
    expect(three).toEqual(one);
  });
});
