import { defineConfig } from '@tandem-rec/contract';
import { lightgcnFiles } from '@tandem-rec/dataset-files';
import { gfcf } from '@tandem-rec/model-linear';

/**
 * Graph filters on Gowalla with the split of LightGCN's authors.
 *
 *     npm run tandem -- evaluate docs/examples/models/gfcf.config.ts
 */
export default defineConfig({
  name: 'GF-CF on Gowalla',
  dataset: lightgcnFiles(),
  evaluation: { split: { by: 'given' }, cutoff: 20, epochs: 1 },
  training: { history: { limit: 1024 } },
  domain: gfcf(),
});
