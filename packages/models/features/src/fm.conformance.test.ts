import { domainModelConformance } from '@tandem-rec/testkit';
import { fm } from './fm.ts';

domainModelConformance({ use: fm({ dim: 4, categories: 8 }) });
domainModelConformance({ use: fm({ dim: 0, categories: 2, past: 3 }) });
domainModelConformance({ use: fm({ dim: 4, categories: 8, label: { atLeast: 1 } }) });
