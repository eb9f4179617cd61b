import { defineConfig } from '@tandem-rec/contract';
import { amazonSequential } from '@tandem-rec/dataset-files';
import { bert4rec } from '@tandem-rec/model-sequential';

/**
 * BERT4Rec on Amazon Beauty, leave-one-out by order, with the sampled softmax.
 *
 *     npm run tandem -- evaluate docs/examples/models/bert4rec.config.ts
 */
export default defineConfig({
  name: 'BERT4Rec on Amazon Beauty',
  dataset: amazonSequential(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, epochs: 40, validateEvery: 10 },
  domain: bert4rec({
    masked: 0,
    cuts: 1,
    tokens: 4096,
    layers: 1,
    heads: 4,
    maxLength: 20,
    dropout: 0.4,
    learningRate: 2e-3,
    annealing: { from: 0.5, to: 0.02 },
  }),
});
