import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { gate } from '@tandem-rec/fusion-gate';
import { encoder } from '@tandem-rec/llm-encoder';
import { fism } from '@tandem-rec/model-history';
import { bridge } from '@tandem-rec/sharing-bridge';
import { replay } from '@tandem-rec/source-dataset';
import { local } from '@tandem-rec/store-local';

/**
 * The cheapest bridge, on MovieLens 100K as a stream: rows of films that nobody has rated yet are born where their texts say,
 * by the vectors of a frozen sentence encoder. It learns nothing itself, so nothing goes its way. The second line is for
 * what it ranks by itself:
 *
 *     TANDEM_MODELS=<folder with all-MiniLM-L6-v2> npm run tandem -- start docs/examples/encoder.config.ts --once
 *     TANDEM_MODELS=<folder with all-MiniLM-L6-v2> npm run tandem -- compare docs/examples/encoder.config.ts
 */
export default defineConfig({
  name: 'MovieLens 100K with text vectors',
  source: replay({ dataset: movielens100k() }),
  dataset: movielens100k(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, minValue: 4, epochs: 5, patience: 2 },
  domain: fism(),
  language: encoder({ model: 'all-MiniLM-L6-v2' }),
  sharing: bridge({ token: false, predictions: { to: 'none' } }),
  fusion: gate(),
  store: local({ folder: '../../.tandem/movielens-encoder' }),
  training: { positive: { minValue: 4 } },
});
