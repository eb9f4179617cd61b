import { domainModelConformance } from '@tandem-rec/testkit';
import { itemKnn } from './item-knn.ts';
import { popularity } from './popularity.ts';

domainModelConformance({ use: itemKnn({ history: 5, neighbours: 8 }) });
domainModelConformance({ use: itemKnn({ similarity: 'cosine' }) });
domainModelConformance({ use: itemKnn({ similarity: 'bm25', neighbours: 8 }) });
domainModelConformance({ use: popularity() });
domainModelConformance({ use: popularity({ unit: 'hours', halfLife: 24 }) });
