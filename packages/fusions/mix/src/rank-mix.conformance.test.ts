import { fusionConformance } from '@tandem-rec/testkit';
import { rankMix } from './rank-mix.ts';

fusionConformance({ use: rankMix() });
fusionConformance({ use: rankMix({ by: 'borda', weights: { wise: 2 } }) });
