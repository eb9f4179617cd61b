import { domainModelConformance } from '@tandem-rec/testkit';
import { lightgcn } from './lightgcn.ts';

domainModelConformance({ use: lightgcn({ dim: 8 }) });
