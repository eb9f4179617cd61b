import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { fism } from '@tandem-rec/model-history';
import { itemKnn, popularity } from '@tandem-rec/model-neighbourhood';
import { bridge } from '@tandem-rec/sharing-bridge';
import { replay } from '@tandem-rec/source-dataset';
import { local } from '@tandem-rec/store-local';

/**
 * MovieLens 100K as the stream it once was: ratings of four stars and more, each ranked against all films before it is
 * learned. The second line is the control, the same without the exchange:
 *
 *     npm run tandem -- start docs/examples/movielens-stream.config.ts --once
 *     npm run tandem -- start docs/examples/movielens-stream.config.ts --once --set sharing=none --set store.options.folder=../../.tandem/movielens-control
 */
export default defineConfig({
  name: 'MovieLens 100K as a stream',
  source: replay({ dataset: movielens100k() }),
  domain: [fism(), itemKnn(), popularity()],
  language: transformer(),
  sharing: bridge(),
  fusion: gate(),
  store: local({ folder: '../../.tandem/movielens' }),
  training: { positive: { minValue: 4 } },
});
