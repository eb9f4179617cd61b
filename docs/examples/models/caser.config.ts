import { defineConfig } from '@tandem-rec/contract';
import { amazonSequential } from '@tandem-rec/dataset-files';
import { caser } from '@tandem-rec/model-sequential';

/**
 * Caser on Amazon Beauty, leave-one-out by order, with the sampled softmax.
 *
 *     npm run tandem -- evaluate docs/examples/models/caser.config.ts
 */
export default defineConfig({
  name: 'Caser on Amazon Beauty',
  dataset: amazonSequential(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, epochs: 24, validateEvery: 4 },
  domain: caser(),
});
