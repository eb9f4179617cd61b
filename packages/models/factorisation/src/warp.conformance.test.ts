import { domainModelConformance } from '@tandem-rec/testkit';
import { warp } from './warp.ts';

domainModelConformance({ use: warp({ dim: 8, initialStd: 0.1 }) });
