import { defineDomainModel, z } from '@tandem-rec/contract';
import { FeatureModel } from './feature-model.ts';
import { featureKnowledge, featureOptions, featureTables } from './feature-options.ts';

const options = z.strictObject({
  dim: z.int().min(1).max(1024).default(16).describe('k, width of the factors that both components share.'),
  hidden: z
    .array(z.int().min(1).max(4096))
    .min(1)
    .max(8)
    .default([64, 32])
    .describe('Widths of the layers of the deep component, from the input on.'),
  ...featureOptions,
});

/** Validated options of `deepfm`. */
export type DeepFmOptions = z.output<typeof options>;

/**
 * DeepFM (Guo, Tang, Ye, Li and He, IJCAI 2017): a factorisation machine and a rectifier network over the same vectors of
 * the same fields, added up. It predicts a class of events (`label`), or ranks.
 *
 * @example
 * defineConfig({ domain: deepfm({ dim: 16, hidden: [64, 32], label: { atLeast: 4 } }) });
 */
export const deepfm = defineDomainModel({
  id: '@tandem-rec/model-features#deepfm',
  summary: 'Factorisation machine and deep network over the same embedded features.',
  options,
  gives: featureKnowledge,
  takes: ['parameters', 'predictions'],
  tables: featureTables,
  create: (settings, environment) => new FeatureModel(settings, environment),
});
