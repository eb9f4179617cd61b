import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { prior } from './prior.ts';

sharingStrategyConformance({ use: prior({ strength: 0.2, minItems: 2, minCount: 1, everyBatches: 2 }) });
