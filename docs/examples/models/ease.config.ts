import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { ease } from '@tandem-rec/model-linear';

/**
 * EASE on MovieLens 100K, ratings of four stars and more, leave-one-out by time.
 *
 *     npm run tandem -- evaluate docs/examples/models/ease.config.ts
 */
export default defineConfig({
  name: 'EASE on MovieLens 100K',
  dataset: movielens100k(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, minValue: 4, epochs: 1 },
  domain: ease({ lambda: 100 }),
});
