import { requireOrSkip } from '@tandem-rec/testing';
import { describe, expect, it } from 'vitest';

import { loadSplit, popularity } from '../test/popularity.ts';
import { amazonSequential, movielens100k } from './index.ts';

const leaveOneOut = { by: 'leave-one-out', minInteractions: 3 } as const;

// Expected: numpy and scipy on the same files, with splits and an evaluation written independently. Of equal counts at the
// end of the list it kept arbitrary ones, by id elsewhere: that decides the fourth digit on the random tenths, whose users
// have many targets, and nothing on the others.
describe.each([
  ['ml-100k', 'leave one out, ratings from 4', movielens100k(), leaveOneOut, 4, 0.0807, 0.0404, 0.00005],
  [
    'ml-100k',
    'random tenths',
    movielens100k(),
    { by: 'random', valid: 0.1, test: 0.1 },
    undefined,
    0.1157,
    0.1306,
    0.0005,
  ],
  ['amazon-beauty', 'leave one out', amazonSequential(), leaveOneOut, undefined, 0.0115, 0.0055, 0.00005],
] as const)('popularity on %s, %s', (name, _, use, how, minValue, recall, ndcg, tolerance) => {
  const { available } = requireOrSkip('data', name);
  it.skipIf(!available)('has the recall and NDCG that an independent implementation computed', async () => {
    const split = await loadSplit(use, how, minValue);
    const byId = await popularity(split, 10, 'by id');
    expect(Math.abs(byId.recall - recall)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(byId.ndcg - ndcg)).toBeLessThanOrEqual(tolerance);
  });
});

const { available } = requireOrSkip('data', 'ml-100k');
it.skipIf(!available)(
  'ties at their expected rank, rounded down, favour a score of few values by less than 3 %',
  async () => {
    const split = await loadSplit(movielens100k(), { by: 'random', valid: 0.1, test: 0.1 });
    const [byId, expected] = [await popularity(split, 10, 'by id'), await popularity(split, 10, 'equal')];
    expect(expected.recall / byId.recall).toBeGreaterThanOrEqual(1);
    expect(expected.recall / byId.recall).toBeLessThan(1.03);
  },
);
