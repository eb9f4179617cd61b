import { defineConfig } from '@tandem-rec/contract';
import { amazonSequential } from '@tandem-rec/dataset-files';
import { sasrec } from '@tandem-rec/model-sequential';

/**
 * SASRec on Amazon Beauty, leave-one-out by order, with the sampled softmax.
 *
 *     npm run tandem -- evaluate docs/examples/models/sasrec.config.ts
 */
export default defineConfig({
  name: 'SASRec on Amazon Beauty',
  dataset: amazonSequential(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, epochs: 24, validateEvery: 4 },
  domain: sasrec(),
});
