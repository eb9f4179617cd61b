import { domainModelConformance } from '@tandem-rec/testkit';
import { describe } from 'vitest';
import { ials } from './ials.ts';

domainModelConformance({ use: ials({ dim: 8 }) });

describe('exactly, from histories', () =>
  domainModelConformance({ use: ials({ dim: 16, solver: 'cholesky', foldIn: true }) }));
