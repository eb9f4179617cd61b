import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { bridge } from './bridge.ts';

sharingStrategyConformance({
  use: bridge({
    prior: { minItems: 2, minCount: 1, everyBatches: 2 },
    predictions: { to: 'both', afterEvents: 0 },
  }),
});
