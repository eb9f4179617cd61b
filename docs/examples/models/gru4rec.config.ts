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
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, epochs: 18, validateEvery: 6 },
  domain: gru4rec({ annealing: { from: 0.5, to: 0.02 } }),
});
