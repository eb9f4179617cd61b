import { domainModelConformance } from '@tandem-rec/testkit';
import { describe } from 'vitest';
import { softmaxMf } from './softmax-mf.ts';

domainModelConformance({ use: softmaxMf({ dim: 8 }) });

describe('by inner products', () =>
  domainModelConformance({ use: softmaxMf({ dim: 8, similarity: 'dot', temperature: 1 }) }));
