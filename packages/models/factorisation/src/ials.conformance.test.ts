import { domainModelConformance } from '@tandem-rec/testkit';
import { describe } from 'vitest';
import { ials } from './ials.ts';

const rateless = 'rows are solved for';

domainModelConformance({ use: ials({ dim: 8 }), rateless });

describe('exactly, from histories', () =>
  domainModelConformance({ use: ials({ dim: 16, solver: 'cholesky', foldIn: true }), rateless }));
