import type { Opinions } from '@tandem-rec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankMix, type RankMixOptions } from './rank-mix.ts';
import { RankPool } from './rank-pool.ts';
import { WeightedFusion } from './weighted-fusion.ts';

const never = -Infinity;
const EXPERTS = [
  { name: 'fism', role: 'domain' },
  { name: 'words', role: 'language' },
] as const;

function opinions(users: number, fism: readonly number[], words: readonly number[]): Opinions {
  return {
    users: {
      size: users,
      users: new Int32Array(users),
      positions: new Int32Array(users),
      atMs: new Float64Array(users),
      history: { offsets: new Int32Array(users + 1), items: new Int32Array(0) },
    },
    items: Int32Array.from({ length: fism.length / users }, (_, item) => item),
    experts: [
      { ...EXPERTS[0], scores: Float32Array.from(fism) },
      { ...EXPERTS[1], scores: Float32Array.from(words) },
    ],
  };
}

function fused(said: Opinions, options: Parameters<typeof rankMix>[0] = {}): readonly number[] {
  const settings = rankMix.definition.options.parse(options);
  const fusion = new WeightedFusion(settings.weights, 'rankMix', new RankPool(settings));
  fusion.attach(EXPERTS);
  return [...fusion.fuse(said)];
}

describe('rankMix', () => {
  const said = opinions(2, [5, 9, never, 1, /* */ 2, 2, 2, never], [0, -3, never, 7, /* */ 3, never, 4, never]);

  it('adds reciprocal ranks; equals share one, what an expert excludes gets nothing from it', () => {
    const rrf = (...ranks: number[]): number => Math.log(ranks.reduce((sum, rank) => sum + 0.5 / (60 + rank), 0));
    const expected = [rrf(2, 2), rrf(1, 3), never, rrf(3, 1), rrf(1, 2), rrf(1), rrf(1, 1), never];
    expect(fused(said)).toEqual(expected.map((one) => (one === never ? never : expect.closeTo(one, 5))));
  });

  it('adds Borda counts, by weights', () => {
    const borda = (f: number, w: number): number => Math.log((2 * f) / 4 + (3 * w) / 4);
    expect(fused(said, { by: 'borda', weights: { fism: 2, words: 3 } }).slice(0, 4)).toEqual([
      expect.closeTo(borda(3, 3), 5),
      expect.closeTo(borda(4, 2), 5),
      never,
      expect.closeTo(borda(2, 4), 5),
    ]);
  });

  it('ranks as the definition does, whatever the scores', () => {
    const score = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constant(never));
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 12 })
          .chain((n) =>
            fc.tuple(fc.array(score, { minLength: n, maxLength: n }), fc.array(score, { minLength: n, maxLength: n })),
          ),
        fc.constantFrom<RankMixOptions['by']>('reciprocal', 'borda'),
        ([fism, words], by) => {
          const n = fism.length;
          const worth = (scores: readonly number[], item: number): number => {
            if (scores[item] === never) return 0;
            const rank = scores.filter((other) => other > scores[item]).length;
            return by === 'borda' ? (n - rank) / n : 1 / (8 + rank);
          };
          const expected = fism.map((_, item) =>
            fism[item] === never && words[item] === never
              ? never
              : Math.log(0.25 * worth(fism, item) + 0.75 * worth(words, item)),
          );
          const actual = fused(opinions(1, fism, words), { by, smoothing: 7, weights: { fism: 0.25, words: 0.75 } });
          actual.forEach((one, item) =>
            expected[item] === never ? expect(one).toBe(never) : expect(one).toBeCloseTo(expected[item], 4),
          );
        },
      ),
    );
  });

  it('leaves what only the unheard rank behind everything else', () => {
    const [heard, unheard] = fused(opinions(1, [1, never], [1, 2]), { weights: { fism: 1 } });
    expect(unheard).toBeLessThan(heard);
    expect(Number.isFinite(unheard)).toBe(true);
  });

  it('refuses a weight for somebody who is not at the table', () => {
    expect(() => fused(said, { weights: { fism: 1, transfomer: 1 } })).toThrow(
      /rankMix: weights for transfomer; allowed are the participants fism, words/,
    );
  });
});
