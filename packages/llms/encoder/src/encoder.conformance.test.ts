import { openTensorBackend } from '@tandem-rec/compute';
import { languageModelConformance } from '@tandem-rec/testkit';
import { beforeAll, describe } from 'vitest';
import { tinyBert } from '../test/tiny-bert.ts';
import { encoder } from './encoder.ts';

describe('by plain code', () =>
  languageModelConformance({ use: encoder({ model: tinyBert, engine: 'plain', popularity: 0.1 }) }));

describe('on the tensor backend', () => {
  beforeAll(() => openTensorBackend({ prefer: 'wasm' }));
  languageModelConformance({ use: encoder({ model: tinyBert, engine: 'tensor', window: 3, batch: 4, maxTokens: 8 }) });
});
