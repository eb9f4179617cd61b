import { rankOf } from '@tandem-rec/compute';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TargetRanker } from './rank-targets.ts';

// Few different values, so that ties are common.
const score = fc.constantFrom(-Infinity, -1, 0, 0.5, 1, 2, NaN);
const problem = fc.array(score, { minLength: 1, maxLength: 30 }).chain((scores) => {
  const items = fc.array(fc.nat(scores.length - 1), { maxLength: 12 });
  return fc.record({ scores: fc.constant(scores), seen: items, targets: items });
});

const padded = (scores: readonly number[]): Float32Array => Float32Array.of(7, 7, ...scores, 7);

describe('TargetRanker', () => {
  it('agrees with rankOf on one target', () => {
    fc.assert(
      fc.property(problem, fc.nat(29), ({ scores, seen }, pick) => {
        const target = pick % scores.length;
        const { ranks, items } = new TargetRanker(scores.length).rank(
          padded(scores),
          2,
          Int32Array.from(seen),
          Int32Array.of(target),
        );
        expect([...items]).toEqual([target]);
        expect(ranks[0]).toBe(rankOf(padded(scores), 2, scores.length, target, Int32Array.from(seen)));
      }),
    );
  });

  it('gives every target the place it has on average when ties are drawn', () => {
    // Two targets and two others are tied behind one item: the six orders put the targets at 0-based places
    // 1 + {01, 02, 03, 12, 13, 23}: means 5/3 and 10/3.
    const { ranks } = new TargetRanker(5).rank(Float32Array.of(9, 1, 1, 1, 1), 0, Int32Array.of(), Int32Array.of(4, 2));
    expect([...ranks]).toEqual([1, 3]);
  });

  it('agrees with sorting where nothing is tied', () => {
    const distinct = fc.shuffledSubarray(
      Array.from({ length: 30 }, (_, n) => n / 4),
      { minLength: 2 },
    );
    fc.assert(
      fc.property(distinct, fc.array(fc.nat(29)), fc.array(fc.nat(29), { minLength: 1 }), (scores, seen, wanted) => {
        const inRange = (items: number[]): number[] => items.map((item) => item % scores.length);
        const [met, targets] = [inRange(seen), [...new Set(inRange(wanted))]];
        const sorted = [...scores.keys()]
          .filter((item) => targets.includes(item) || !met.includes(item))
          .sort((a, b) => scores[b] - scores[a]);
        const result = new TargetRanker(scores.length).rank(
          padded(scores),
          2,
          Int32Array.from(met),
          Int32Array.from(targets),
        );
        expect([...result.ranks]).toEqual(sorted.flatMap((item, rank) => (targets.includes(item) ? [rank] : [])));
        expect([...result.items]).toEqual(sorted.filter((item) => targets.includes(item)));
        expect(result.candidates).toBe(sorted.length);
      }),
    );
  });

  it('never gives two targets one rank, stays within the candidates, and leaves nothing behind', () => {
    fc.assert(
      fc.property(fc.array(problem, { minLength: 2, maxLength: 3 }), (problems) => {
        const most = Math.max(...problems.map(({ scores }) => scores.length));
        const shared = new TargetRanker(most);
        for (const { scores, seen, targets } of problems) {
          const full = [...scores, ...Array<number>(most - scores.length).fill(0.25)];
          const once = new TargetRanker(most).rank(padded(full), 2, Int32Array.from(seen), Int32Array.from(targets));
          expect(new Set(once.ranks).size).toBe(new Set(targets).size);
          for (const rank of once.ranks) expect(rank >= 0 && rank < once.candidates).toBe(true);
          expect([...once.ranks]).toEqual([...once.ranks].sort((a, b) => a - b));
          expect(shared.rank(padded(full), 2, Int32Array.from(seen), Int32Array.from(targets))).toEqual(once);
        }
      }),
    );
  });

  it('knows the AUC as the naive count over pairs does', () => {
    fc.assert(
      fc.property(problem, ({ scores, seen, targets }) => {
        const { auc } = new TargetRanker(scores.length).rank(
          padded(scores),
          2,
          Int32Array.from(seen),
          Int32Array.from(targets),
        );
        const others = [...scores.keys()].filter((item) => !seen.includes(item) && !targets.includes(item));
        let won = 0;
        const wanted = [...new Set(targets)];
        for (const target of wanted)
          for (const other of others) {
            const [a, b] = [scores[target], scores[other]];
            if (Number.isNaN(a)) continue;
            won += Number.isNaN(b) || a > b ? 1 : a === b ? 0.5 : 0;
          }
        expectNear(auc, won / (wanted.length * others.length));
      }),
    );
  });
});

/** `toBeCloseTo` that knows NaN. */
function expectNear(received: number, expected: number): void {
  if (Number.isNaN(expected)) expect(received).toBeNaN();
  else expect(received).toBeCloseTo(expected, 10);
}
