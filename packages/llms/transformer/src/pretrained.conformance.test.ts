import { findNativeTensorFlow, openTensorBackend } from '@tandem-rec/compute';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { languageModelConformance } from '@tandem-rec/testkit';
import { beforeAll, describe } from 'vitest';
import { tinyModel } from '../test/fixture-models.ts';
import { transformer } from './transformer.ts';

const small = {
  encoder: 'subwords',
  dim: 16,
  hidden: 32,
  features: 24,
  buckets: 512,
  window: 10,
  learningRate: 0.01,
  headLearningRate: 0.02,
} as const;
const quick = { projectionLearningRate: 0.02, learningRate: 0.01, dropout: 0 } as const;

const native = requireOrSkip('native-tensorflow', findNativeTensorFlow());
const stories = requireOrSkip('models', 'stories260K');

describe('on wasm', () => {
  beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

  describe('a Llama that reads item tokens, all of it trained', () =>
    languageModelConformance({
      steps: 20,
      use: transformer({ ...small, body: { ...quick, model: tinyModel('llama'), train: 'full', tokens: 24 } }),
    }));

  describe('a GPT-2 that reads titles, adapted with dropout', () =>
    languageModelConformance({
      steps: 20,
      use: transformer({
        ...small,
        body: { ...quick, model: tinyModel('gpt2'), reads: 'prompt', lora: { rank: 2, dropout: 0.1 } },
      }),
    }));

  describe.skipIf(!stories.available)('stories260K, frozen, that writes', () =>
    languageModelConformance({
      steps: 20,
      use: transformer({
        ...small,
        body: { ...quick, model: modelFolder('stories260K'), train: 'frozen', layers: 1, text: { maxTokens: 4 } },
      }),
    }),
  );
});

describe.skipIf(!native.available)('on native TensorFlow', () => {
  beforeAll(() => openTensorBackend({ prefer: 'native' }));

  describe('a BERT that reads item tokens, adapted, after a warm-up', () =>
    languageModelConformance({
      steps: 20,
      use: transformer({ ...small, body: { ...quick, model: tinyModel('bert'), lora: { rank: 2 }, warmUp: 30 } }),
    }));

  describe('a BERT that reads titles, adapted', () =>
    languageModelConformance({
      steps: 20,
      use: transformer({ ...small, body: { ...quick, model: tinyModel('bert'), reads: 'prompt', lora: { rank: 2 } } }),
    }));
});
