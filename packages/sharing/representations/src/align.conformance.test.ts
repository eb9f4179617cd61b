import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { describe } from 'vitest';
import { align } from './align.ts';

const OPTIONS: readonly Parameters<typeof align>[0][] = [
  { minCount: 1, translation: { minRows: 2, everyBatches: 2 } },
  {
    minCount: 1,
    variant: 'generative',
    masked: 0.5,
    translation: { minRows: 2 },
    schedule: { learners: 'alternating', warmUpEvents: 30 },
  },
  { sides: ['item'], translation: { on: false }, candidates: 4, schedule: { learners: 'domain', everyBatches: 2 } },
];

describe.each(OPTIONS)('align with %j', (options) => {
  sharingStrategyConformance({ use: align(options) });
});
