import { describe, expect, it } from 'vitest';
import { DecayedCounts } from './decayed-counts.ts';

const read = (counts: DecayedCounts, rows: number) => {
  const values = new Float32Array(rows);
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  counts.read(all, values);
  return [...values];
};

describe('DecayedCounts', () => {
  it('halves what happened a half-life ago', () => {
    const counts = new DecayedCounts(10);
    counts.add(0, 0);
    counts.add(2, 10);
    expect(read(counts, 4)).toEqual([expect.closeTo(0.5, 5), 0, expect.closeTo(1, 5), 0]);
    expect(counts.total).toBeCloseTo(1.5, 6);
  });

  it('takes late events for what they are', () => {
    const counts = new DecayedCounts(10);
    counts.add(0, 100);
    counts.add(1, 90);
    expect(read(counts, 2)).toEqual([expect.closeTo(1, 5), expect.closeTo(0.5, 5)]);
  });

  it('takes what has no time for what happens now', () => {
    const counts = new DecayedCounts(10);
    counts.add(0, 100);
    for (const at of [NaN, Infinity]) counts.add(1, at);
    expect(read(counts, 2)).toEqual([expect.closeTo(1, 5), expect.closeTo(2, 5)]);
    expect(counts.now).toBe(100);
  });

  it('stays exact over thousands of half-lives, also at the scale of milliseconds', () => {
    const counts = new DecayedCounts(1000);
    const start = 1.7e12;
    for (let at = 0; at <= 3_000_000; at += 500) counts.add(at % 1000 === 0 ? 0 : 1, start + at);
    // 1 + 1/2 + 1/4 + … = 2, and the same half a half-life earlier.
    expect(read(counts, 2)).toEqual([expect.closeTo(2, 4), expect.closeTo(Math.SQRT2, 4)]);
  });

  it('continues bit for bit from a saved state', () => {
    const one = new DecayedCounts(3);
    for (let at = 0; at < 50; at++) one.add(at % 7, at);
    const other = new DecayedCounts(3);
    other.add(9, 4);
    other.load({ version: 1, arrays: one.save().map((array) => ({ ...array, data: array.data.slice() })), values: {} });
    for (const counts of [one, other]) for (let at = 50; at < 60; at++) counts.add(at % 11, at);
    expect(read(other, 12)).toEqual(read(one, 12));
  });
});
