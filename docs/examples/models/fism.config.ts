import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { fism } from '@tandem-rec/model-history';
import { itemKnn, popularity } from '@tandem-rec/model-neighbourhood';
import { replay } from '@tandem-rec/source-dataset';
import { local } from '@tandem-rec/store-local';

/**
 * The models of streams on MovieLens 100K as the stream it once was, each alone at the same table: nothing is exchanged.
 *
 *     npm run tandem -- start docs/examples/models/fism.config.ts --once
 */
export default defineConfig({
  name: 'Models of streams on MovieLens 100K',
  source: replay({ dataset: movielens100k() }),
  domain: [fism({ learningRate: 0.07, denseLearningRate: 0.002 }), itemKnn(), popularity()],
  store: local({ folder: '../../../.tandem/models-of-streams' }),
  training: { positive: { minValue: 4 } },
});
