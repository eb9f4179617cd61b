import { defineConfig } from '@tandem-rec/contract';
import { amazonSequential } from '@tandem-rec/dataset-files';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { sasrec } from '@tandem-rec/model-sequential';
import { bridge } from '@tandem-rec/sharing-bridge';

/**
 * Amazon Beauty, leave-one-out by order: SASRec on ids and a causal transformer over the vectors of items' texts, with the
 * default exchange. Both read whole timelines, at rates that fall over the last eight epochs; patience lasts
 * until then.
 *
 *     npm run tandem -- evaluate docs/examples/beauty.config.ts
 *     npm run tandem -- compare docs/examples/beauty.config.ts --seeds 1,2,3
 */
export default defineConfig({
  name: 'Amazon Beauty',
  dataset: amazonSequential(),
  evaluation: {
    split: { by: 'leave-one-out', minInteractions: 3 },
    epochs: 18,
    validateEvery: 3,
    patience: 8,
    batches: 'timelines',
    batch: 512,
    annealing: { from: 0.6, to: 0.05 },
  },
  domain: sasrec(),
  language: transformer({ pooling: 'causal', window: 50 }),
  sharing: bridge(),
  fusion: gate(),
});
