import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { describe } from 'vitest';
import { initialise } from './initialise.ts';

describe.each([
  { by: 'components', minItems: 4 },
  { by: 'null-space', minItems: 4 },
  { by: 'regression', regression: { minItems: 2, minCount: 1, everyBatches: 2 } },
] as const)('initialise by $by', (options) => {
  sharingStrategyConformance({ use: initialise(options) });
});
