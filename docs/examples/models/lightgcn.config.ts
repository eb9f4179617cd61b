import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { lightgcn } from '@tandem-rec/model-graph';

/**
 * LightGCN on MovieLens 100K, a random tenth of each user's films to be found among all.
 *
 *     npm run tandem -- evaluate docs/examples/models/lightgcn.config.ts
 */
export default defineConfig({
  name: 'LightGCN on MovieLens 100K',
  dataset: movielens100k(),
  evaluation: { split: { by: 'random', test: 0.1, valid: 0.1 }, epochs: 16 },
  domain: lightgcn({
    layers: 1,
    batch: 2048,
    learningRate: 0.04,
    regularisation: 0.4,
    loss: { kind: 'sampled-softmax', negatives: 256, similarity: 'dot', temperature: 1, popularity: 0.5 },
  }),
});
