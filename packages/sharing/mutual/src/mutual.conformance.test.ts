import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { describe } from 'vitest';
import { mutual } from './mutual.ts';

const OPTIONS: readonly Parameters<typeof mutual>[0][] = [
  { states: { minCount: 1, translation: { minRows: 2 } } },
  { users: false, states: { weight: 0 }, schedule: { learners: 'alternating', turnBatches: 2 } },
];

describe.each(OPTIONS)('mutual with %j', (options) => {
  sharingStrategyConformance({ use: mutual(options) });
});
