import { fusionConformance } from '@tandem-rec/testkit';
import { myPlugin } from './index.ts';

fusionConformance({ use: myPlugin() });
