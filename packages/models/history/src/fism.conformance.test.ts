import { domainModelConformance } from '@tandem-rec/testkit';
import { fism } from './fism.ts';

domainModelConformance({ use: fism({ dim: 8, history: 5, initialStd: 0.1 }) });
domainModelConformance({ use: fism({ dim: 8, decays: [3], negatives: 6, maskHistory: false }) });
