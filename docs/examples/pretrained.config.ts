import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { fism } from '@tandem-rec/model-history';
import { bridge } from '@tandem-rec/sharing-bridge';

/**
 * MovieLens 100K with a pretrained body: MiniLM's first three layers read each past film as one soft token, under a causal mask
 * and with adapters of rank 16. The small causal transformer teaches the films' vectors for some ten passes before.
 *
 *     TANDEM_MODELS=<folder with all-MiniLM-L6-v2> npm run tandem -- evaluate docs/examples/pretrained.config.ts
 */
export default defineConfig({
  name: 'MovieLens 100K with a pretrained body',
  dataset: movielens100k(),
  evaluation: {
    split: { by: 'leave-one-out', minInteractions: 3 },
    minValue: 4,
    epochs: 14,
    patience: 14,
    batches: 'timelines',
    batch: 1024,
    annealing: { from: 0.75, to: 0.1 },
  },
  domain: fism(),
  language: transformer({
    pooling: 'causal',
    window: 100,
    body: { model: 'all-MiniLM-L6-v2', layers: 3, train: 'lora', lora: { rank: 16 }, warmUp: 530_000 },
  }),
  sharing: bridge(),
  fusion: gate(),
});
