import { defineConfig } from '@tandem-rec/contract';
import { lightgcnFiles } from '@tandem-rec/dataset-files';
import { softmaxMf } from '@tandem-rec/model-factorisation';

/**
 * Matrix factorisation by a sampled softmax on Gowalla in the split of LightGCN: some minutes on one core.
 *
 *     npm run tandem -- evaluate docs/examples/models/softmax-mf.config.ts
 */
export default defineConfig({
  name: 'Sampled softmax on Gowalla',
  dataset: lightgcnFiles(),
  evaluation: { split: { by: 'given' }, cutoff: 20, epochs: 20 },
  domain: softmaxMf({ temperature: 0.1, negatives: 512 }),
});
