import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { bpr } from '@tandem-rec/model-factorisation';
import { fism } from '@tandem-rec/model-history';
import { popularity } from '@tandem-rec/model-neighbourhood';
import { bridge } from '@tandem-rec/sharing-bridge';

/**
 * MovieLens 100K, leave-one-out by time: the newest of each user's ratings of four stars and more is to be found among
 * all films, the one before it is for validation.
 *
 *     npm run tandem -- evaluate docs/examples/movielens.config.ts
 *     npm run tandem -- compare docs/examples/movielens.config.ts
 *
 * `compare` reports the first domain model as the domain side.
 */
export default defineConfig({
  name: 'MovieLens 100K',
  dataset: movielens100k(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, minValue: 4, epochs: 60, patience: 5 },
  domain: [fism(), bpr({ negatives: 4, learningRate: 0.1, regularisation: 0.02 }), popularity()],
  language: transformer(),
  sharing: bridge(),
  fusion: gate(),
});
