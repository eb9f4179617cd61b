import { lightgcn } from '@tandem-rec/model-graph';
import type { Setting } from './types.ts';

export const settings: readonly Setting[] = [
  {
    split: 'S2',
    model: 'lightgcn',
    use: lightgcn({
      batch: 2048,
      learningRate: 0.04,
      initialStd: 0.01,
      loss: { kind: 'sampled-softmax', negatives: 384, similarity: 'dot', temperature: 1, popularity: 0.5 },
    }),
    epochs: 13,
    tuned:
      'similarity (cosine with τ .1 to .3, dot with τ 1), logQ, popularity (0, .5), negatives (256, 512), layers (2, 3), learning rate (.01 to .08), batch (2048 to 8192), initialStd (.01 to .1): 18 runs of at most 20 epochs; validation NDCG@10 .2438 with 512 negatives and 14 epochs',
  },
];
