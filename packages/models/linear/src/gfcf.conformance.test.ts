import { domainModelConformance } from '@tandem-rec/testkit';
import { gfcf } from './gfcf.ts';

domainModelConformance({ use: gfcf({ rank: 4, oversampling: 2, refreshEvery: 7 }) });
