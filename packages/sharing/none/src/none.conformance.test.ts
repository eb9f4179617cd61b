import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { none } from './none.ts';

sharingStrategyConformance({ use: none() });
