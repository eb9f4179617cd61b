import { domainModelConformance } from '@tandem-rec/testkit';
import { ease } from './ease.ts';

domainModelConformance({ use: ease({ lambda: 5, refreshEvery: 7 }) });
