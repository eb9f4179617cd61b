import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { fm } from '@tandem-rec/model-features';

/**
 * A factorisation machine and logistic regression as rankers on MovieLens 100K, ratings of four stars and more against
 * items drawn at random.
 *
 *     npm run tandem -- evaluate docs/examples/models/fm.config.ts
 */
export default defineConfig({
  name: 'Models of features on MovieLens 100K',
  dataset: movielens100k(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, minValue: 4, epochs: 30, patience: 3 },
  domain: [fm({ dim: 16 }), fm({ dim: 0 }, { as: 'logistic' })],
});
