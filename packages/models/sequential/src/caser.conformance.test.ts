import { openTensorBackend } from '@tandem-rec/compute';
import { domainModelConformance } from '@tandem-rec/testkit';
import { beforeAll } from 'vitest';
import { caser } from './caser.ts';

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

domainModelConformance({
  use: caser({ dim: 8, window: 3, maxLength: 10, dropout: 0.1, learningRate: 0.01, negatives: 3 }),
});
