import { defineConfig } from '@tandem-rec/contract';
import { amazonSequential } from '@tandem-rec/dataset-files';
import { gru4rec } from '@tandem-rec/model-sequential';

/**
 * GRU4Rec on Amazon Beauty, leave-one-out by order, with the sampled softmax.
 *
 *     npm run tandem -- evaluate docs/examples/models/gru4rec.config.ts
 */
export default defineConfig({
  name: 'GRU4Rec on Amazon Beauty',
  dataset: amazonSequential(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, epochs: 24, validateEvery: 4 },
  domain: gru4rec(),
});
