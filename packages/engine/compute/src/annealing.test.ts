import { expect, it } from 'vitest';
import { annealed } from './annealing.ts';

it('falls on a straight line to its share in the last epoch', () => {
  const rates = Array.from({ length: 8 }, (_, i) => annealed(i + 1, 8, { from: 0.5, to: 0.2 }));
  expect(rates.slice(0, 4)).toEqual([1, 1, 1, 1]);
  for (const [i, rate] of [0.8, 0.6, 0.4, 0.2].entries()) expect(rates[4 + i]).toBeCloseTo(rate, 12);
  expect(annealed(5, 5, { from: 1, to: 0 })).toBe(1);
  expect(annealed(1, 1, { from: 0, to: 0.1 })).toBeCloseTo(0.1, 12);
});
