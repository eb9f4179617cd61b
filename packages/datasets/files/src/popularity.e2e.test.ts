import { requireOrSkip } from '@tandem-rec/testing';
import { expect, it } from 'vitest';

import { loadSplit, popularity } from '../test/popularity.ts';
import { lightgcnFiles } from './index.ts';

// Among the last because it ranks 30,000 users times 41,000 items.
const { available } = requireOrSkip('data', 'gowalla');
it.skipIf(!available)(
  'popularity on LightGCN’s split of Gowalla has the numbers of an independent implementation',
  async () => {
    const { recall, ndcg } = await popularity(await loadSplit(lightgcnFiles(), { by: 'given' }), 20, 'by id');
    expect([recall.toFixed(4), ndcg.toFixed(4)]).toEqual(['0.0416', '0.0317']);
  },
);
