import { domainModelConformance } from '@tandem-rec/testkit';
import { deepfm } from './deepfm.ts';

domainModelConformance({ use: deepfm({ dim: 4, hidden: [8], categories: 8 }) });
domainModelConformance({ use: deepfm({ dim: 4, hidden: [8, 6, 4], categories: 8, past: 0 }) });
