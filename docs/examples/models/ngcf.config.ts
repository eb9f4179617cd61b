import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { ngcf } from '@tandem-rec/model-graph';

/**
 * NGCF on MovieLens 100K, a random tenth of each user's films to be found among all.
 *
 *     npm run tandem -- evaluate docs/examples/models/ngcf.config.ts
 */
export default defineConfig({
  name: 'NGCF on MovieLens 100K',
  dataset: movielens100k(),
  evaluation: { split: { by: 'random', test: 0.1, valid: 0.1 }, epochs: 16 },
  domain: ngcf({
    layers: 1,
    batch: 2048,
    learningRate: 0.03,
    regularisation: 0.6,
    normalise: false,
    messageDropout: 0.3,
    loss: { kind: 'sampled-softmax', negatives: 256, similarity: 'dot', temperature: 1, popularity: 0.5 },
  }),
});
