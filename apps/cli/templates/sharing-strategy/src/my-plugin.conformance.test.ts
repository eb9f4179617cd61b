import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { myPlugin } from './index.ts';

sharingStrategyConformance({ use: myPlugin() });
