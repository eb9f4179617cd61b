import { fusionConformance } from '@tandem-rec/testkit';
import { gate } from './gate.ts';

fusionConformance({ use: gate() });
