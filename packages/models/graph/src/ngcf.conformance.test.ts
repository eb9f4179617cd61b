import { domainModelConformance } from '@tandem-rec/testkit';
import { ngcf } from './ngcf.ts';

domainModelConformance({ use: ngcf({ dim: 8 }) });
