import { openTensorBackend } from '@tandem-rec/compute';
import { languageModelConformance } from '@tandem-rec/testkit';
import { beforeAll, describe } from 'vitest';
import { transformer } from './transformer.ts';

const small = {
  dim: 16,
  hidden: 32,
  features: 24,
  buckets: 512,
  window: 10,
  learningRate: 0.01,
  headLearningRate: 0.02,
} as const;

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

describe('with subwords and rows of users and items', () =>
  languageModelConformance({ use: transformer({ ...small, encoder: 'subwords', userRows: true, itemRows: true }) }));

describe('with causal pooling', () =>
  languageModelConformance({
    use: transformer({ ...small, encoder: 'subwords', pooling: 'causal', popularity: false }),
  }));
