import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { bpr, ials, warp } from '@tandem-rec/model-factorisation';

/**
 * iALS on MovieLens 100K, all ratings as events, a random tenth of each user's for the test, beside BPR and WARP.
 *
 *     npm run tandem -- evaluate docs/examples/models/ials.config.ts
 */
export default defineConfig({
  name: 'Matrix factorisation on MovieLens 100K',
  dataset: movielens100k(),
  evaluation: { split: { by: 'random', valid: 0.1, test: 0.1 }, epochs: 60, patience: 60 },
  domain: [
    ials({ unobservedWeight: 0.3, frequencyExponent: 0.5, regularisation: 0.3 }),
    bpr({ fit: { learningRate: 0.05, decay: 'linear' } }),
    warp({ learningRate: 0.02, regularisation: 0.0001 }),
  ],
});
