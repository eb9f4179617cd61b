import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { gate } from '@tandem-rec/fusion-gate';
import { encoder } from '@tandem-rec/llm-encoder';
import { fism } from '@tandem-rec/model-history';
import { bridge } from '@tandem-rec/sharing-bridge';

/**
 * The cheapest bridge, on MovieLens 100K: vectors of the films' texts by a frozen sentence encoder are the prior of the
 * domain model's rows. The encoder learns nothing itself, so nothing goes its way.
 *
 *     TANDEM_MODELS=<folder with all-MiniLM-L6-v2> npm run tandem -- evaluate docs/examples/encoder.config.ts
 */
export default defineConfig({
  name: 'MovieLens 100K with text vectors',
  dataset: movielens100k(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, minValue: 4, epochs: 5, patience: 2 },
  domain: fism(),
  language: encoder({ model: 'all-MiniLM-L6-v2' }),
  sharing: bridge({ token: false, predictions: { to: 'none' } }),
  fusion: gate(),
});
