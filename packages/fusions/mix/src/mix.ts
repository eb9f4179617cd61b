import { defineFusion, z } from '@tandem-rec/contract';
import { weightsOption } from './expert-weights.ts';
import { LogarithmicPool } from './logarithmic-pool.ts';
import { WeightedFusion } from './weighted-fusion.ts';

const options = z.strictObject({
  weights: weightsOption,
});

/**
 * A fixed product of experts: the weighted sum of their log-softmax over the candidates.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer(), fusion: mix({ weights: { fism: 0.6, transformer: 0.4 } }) });
 */
export const mix = defineFusion({
  id: '@tandem-rec/fusion-mix#mix',
  summary: 'Fixed weights by name.',
  options,
  create: ({ weights }, { name }) => new WeightedFusion(weights, name, new LogarithmicPool()),
});
