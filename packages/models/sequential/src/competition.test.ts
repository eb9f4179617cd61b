import { SeededRng } from '@tandem-rec/compute';
import { expect, it } from 'vitest';
import { sampled } from './competition.ts';

const ITEMS = 20;
const TARGETS = Int32Array.of(3, 3, 7);
const statistics = {
  users: 1,
  items: ITEMS,
  interactions: 80,
  itemCounts: Float32Array.from({ length: ITEMS }, (_, i) => (i === 3 ? 61 : 1)),
  userCounts: new Float32Array(1),
};

it('holds each competitor once, targets in their places', () => {
  const { rows, columns } = sampled(ITEMS, TARGETS, 8, statistics, new SeededRng(1));
  expect(new Set(rows).size).toBe(rows.length);
  expect([...columns].map((column) => rows[column])).toEqual([...TARGETS]);
});

it('knows how likely an item is to compete', () => {
  const rng = new SeededRng(2);
  // Targets drawn as the statistics say: item 3 has (61 + 1) of the (80 + 20) smoothed counts, the others 2 each.
  const target = () => (rng.next() < 0.62 ? 3 : (4 + rng.int(19)) % 20);
  const rounds = 4000;
  const met = new Float64Array(ITEMS);
  const said = new Float64Array(ITEMS);
  for (let round = 0; round < rounds; round++) {
    const { rows, logQ } = sampled(ITEMS, Int32Array.from([target(), target()]), 5, statistics, rng);
    for (const [place, row] of rows.entries()) {
      met[row]++;
      said[row] = Math.exp(logQ![place]);
    }
  }
  for (let row = 0; row < ITEMS; row++) expect(met[row] / rounds).toBeCloseTo(said[row], 1);
});
