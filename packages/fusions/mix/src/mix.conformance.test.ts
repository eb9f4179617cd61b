import { fusionConformance } from '@tandem-rec/testkit';
import { mix } from './mix.ts';

fusionConformance({ use: mix() });
