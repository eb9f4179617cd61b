import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { deepfm } from '@tandem-rec/model-features';

/**
 * DeepFM as a ranker on MovieLens 100K, ratings of four stars and more against items drawn at random.
 *
 *     npm run tandem -- evaluate docs/examples/models/deepfm.config.ts
 */
export default defineConfig({
  name: 'DeepFM on MovieLens 100K',
  dataset: movielens100k(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, minValue: 4, epochs: 30, patience: 3 },
  domain: deepfm({ negatives: 4 }),
});
