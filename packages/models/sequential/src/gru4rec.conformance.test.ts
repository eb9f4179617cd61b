import { openTensorBackend } from '@tandem-rec/compute';
import { domainModelConformance } from '@tandem-rec/testkit';
import { beforeAll } from 'vitest';
import { gru4rec } from './gru4rec.ts';

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

domainModelConformance({
  use: gru4rec({ dim: 8, hidden: 8, maxLength: 10, dropout: 0.1, learningRate: 0.01, negatives: 3 }),
});
