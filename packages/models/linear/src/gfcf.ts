import { defineDomainModel, z } from '@tandem-rec/contract';
import { GfcfModel } from './gfcf-model.ts';

const options = z.strictObject({
  rank: z
    .int()
    .min(1)
    .max(2048)
    .default(256)
    .describe('K, singular vectors of the normalised matrix that the ideal low-pass filter lets through.'),
  alpha: z.number().min(0).default(0.3).describe('α, weight of the ideal low-pass filter beside the linear one.'),
  iterations: z
    .int()
    .min(1)
    .max(32)
    .default(5)
    .describe('Passes of the randomised SVD over the data when it is fitted; more are more exact.'),
  oversampling: z.int().min(0).max(256).default(24).describe('Vectors beyond `rank` that the randomised SVD iterates.'),
  refreshEvery: z
    .int()
    .min(1)
    .default(1000)
    .describe(
      'On a stream: new interactions after which the graph is rebuilt and the singular vectors follow by a pass.',
    ),
  sharpness: z
    .number()
    .positive()
    .default(10)
    .describe('Logits are so many times the filtered signal, for lessons and fusions; ranks do not depend on it.'),
});

/** Validated options of `gfcf`. */
export type GfcfOptions = z.output<typeof options>;

/**
 * Graph filters without training (Shen, Wu, Zhang, Shan, Zhang, Letaief and Li, "How Powerful is Graph Convolution for
 * Recommendation?", CIKM 2021): a linear filter, and an ideal low-pass filter from the top singular vectors, which come
 * from a randomised SVD. Near LightGCN's quality in seconds. Scores come from a user's history.
 *
 * @example
 * defineConfig({ domain: gfcf({ rank: 128 }) });
 */
export const gfcf = defineDomainModel({
  id: '@tandem-rec/model-linear#gfcf',
  summary: 'Linear and ideal low-pass graph filters, without training.',
  options,
  gives: ['predictions'],
  takes: [],
  create: (settings, environment) => new GfcfModel(settings, environment),
});
