import { domainModelConformance } from '@tandem-rec/testkit';
import { bpr } from './bpr.ts';

domainModelConformance({ use: bpr({ dim: 8, initialStd: 0.1 }) });
