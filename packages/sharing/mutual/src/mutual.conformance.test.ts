import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { mutual } from './mutual.ts';

sharingStrategyConformance({ use: mutual() });
