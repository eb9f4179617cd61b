import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { SeededRng } from './seeded-rng.ts';

/** Pearson's statistic of `counts` against equal expected counts. */
function chiSquare(counts: ArrayLike<number>): number {
  const values = Array.from(counts);
  const expected = values.reduce((sum, count) => sum + count, 0) / values.length;
  return values.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('SeededRng', () => {
  it('is xoshiro128**: the outputs of the authors’ C code from state 1, 2, 3, 4', () => {
    const rng = new SeededRng(0);
    rng.load({ algorithm: 'xoshiro128**', words: [1, 2, 3, 4], key: [0, 0, 0, 0], spare: null });
    const first = Array.from({ length: 10 }, () => rng.int(2 ** 32));
    expect(first).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
    for (let i = 0; i < 1_000_000; i++) rng.int(2 ** 32);
    expect(rng.int(2 ** 32)).toBe(596821682);
  });

  it('keeps its streams from release to release', () => {
    const rng = new SeededRng(7, 'item-table');
    expect([rng.int(1000), rng.int(1000), rng.next(), rng.normal()]).toMatchInlineSnapshot(`
      [
        172,
        654,
        0.06323896251989447,
        0.5419744379318294,
      ]
    `);
  });

  it('separates seeds, types of seed, names and forks', () => {
    const streams = [
      new SeededRng(1),
      new SeededRng('1'),
      new SeededRng(1, 'a'),
      new SeededRng(1, 'b'),
      new SeededRng(1).fork('a'),
      new SeededRng(1).fork('b'),
      new SeededRng(1).fork('a').fork('a'),
    ].map((rng) => rng.next());
    expect(new Set(streams).size).toBe(streams.length);
  });

  it('forks the same whenever it is asked', () => {
    const rng = new SeededRng(1, 'x');
    const before = rng.fork('child').next();
    rng.normal();
    expect(rng.fork('child').next()).toBe(before);
    const restored = new SeededRng(2);
    restored.load(rng.save());
    expect(restored.fork('child').next()).toBe(before);
  });

  it('continues exactly from a saved state, through JSON, at any point', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.constantFrom('next', 'int', 'normal')), (seed, calls) => {
        const draw = (rng: SeededRng, call: string) =>
          call === 'next' ? rng.next() : call === 'int' ? rng.int(10) : rng.normal();
        const rng = new SeededRng(seed, 'n');
        for (const call of calls) draw(rng, call);
        const copy = new SeededRng(0);
        copy.load(JSON.parse(JSON.stringify(rng.save())));
        const again = [...calls, 'normal', 'normal', 'int', 'next'];
        expect(again.map((call) => draw(copy, call))).toEqual(again.map((call) => draw(rng, call)));
      }),
      { numRuns: 50 },
    );
  });

  it('draws evenly', () => {
    const rng = new SeededRng(3, 'uniformity');
    const uniform = new Float64Array(100);
    const dice = new Float64Array(7);
    for (let i = 0; i < 200_000; i++) {
      uniform[Math.floor(rng.next() * 100)]++;
      dice[rng.int(7)]++;
    }
    // 99.99 % quantiles of chi-square with 99 and 6 degrees of freedom.
    expect(chiSquare(uniform)).toBeLessThan(161);
    expect(chiSquare(dice)).toBeLessThan(28);
  });

  it('is unbiased where taking the remainder would not be', () => {
    const rng = new SeededRng(4, 'bias');
    const below = 3 * 2 ** 30;
    const thirds = new Float64Array(3);
    for (let i = 0; i < 60_000; i++) thirds[Math.floor(rng.int(below) / 2 ** 30)]++;
    expect(chiSquare(thirds)).toBeLessThan(18.4);
    const large = rng.int(2 ** 53);
    expect(Number.isSafeInteger(large)).toBe(true);
  });

  it('draws standard normals', () => {
    const rng = new SeededRng(5, 'normal');
    const n = 200_000;
    let [sum, squares, fourths, beyond] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const x = rng.normal();
      sum += x;
      squares += x * x;
      fourths += x ** 4;
      if (Math.abs(x) > 1.959964) beyond++;
    }
    expect(Math.abs(sum / n)).toBeLessThan(0.01);
    expect(squares / n).toBeCloseTo(1, 1.5);
    expect(fourths / n).toBeCloseTo(3, 0.9);
    expect(beyond / n).toBeCloseTo(0.05, 2);
  });

  it('refuses bounds that are not whole numbers of at least 1', () => {
    const rng = new SeededRng(6);
    for (const bound of [0, -1, 1.5, NaN, Infinity, 2 ** 53 + 2]) expect(() => rng.int(bound)).toThrow(RangeError);
    expect(() => rng.load({ ...rng.save(), words: [1, 2] })).toThrow(RangeError);
    expect(() => rng.load({ algorithm: 'mt19937' })).toThrow(/xoshiro128/);
  });
});
