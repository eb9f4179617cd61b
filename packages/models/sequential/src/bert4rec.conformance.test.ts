import { openTensorBackend } from '@tandem-rec/compute';
import { domainModelConformance } from '@tandem-rec/testkit';
import { beforeAll } from 'vitest';
import { bert4rec } from './bert4rec.ts';

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

domainModelConformance({ use: bert4rec({ dim: 8, maxLength: 10, dropout: 0, learningRate: 0.01, negatives: 3 }) });
