import { openTensorBackend } from '@tandem-rec/compute';
import { domainModelConformance } from '@tandem-rec/testkit';
import { beforeAll, describe } from 'vitest';
import { sasrec } from './sasrec.ts';

const small = { dim: 8, maxLength: 10, dropout: 0.1, learningRate: 0.01 } as const;

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

describe('with all items competing', () => domainModelConformance({ use: sasrec({ ...small, loss: 'full-softmax' }) }));

describe('with sampled items', () => domainModelConformance({ use: sasrec({ ...small, negatives: 3 }) }));
