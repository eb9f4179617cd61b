import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { itemKnn, popularity } from '@tandem-rec/model-neighbourhood';

/**
 * item-kNN by BM25 on MovieLens 100K, ratings of four stars and more, leave-one-out by time, beside popularity that fades.
 *
 *     npm run tandem -- evaluate docs/examples/models/item-knn.config.ts
 */
export default defineConfig({
  name: 'item-kNN on MovieLens 100K',
  dataset: movielens100k(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, minValue: 4, epochs: 1 },
  domain: [itemKnn({ similarity: 'bm25', neighbours: 200, bm25: { k1: 1.2, b: 0.75 } }), popularity()],
});
