import { defineDomainModel, z } from '@tandem-rec/contract';
import { FeatureModel } from './feature-model.ts';
import { featureKnowledge, featureOptions, featureTables } from './feature-options.ts';

const options = z.strictObject({
  dim: z
    .int()
    .min(0)
    .max(1024)
    .default(16)
    .describe('k, width of the factors. 0: no factors, which is logistic regression.'),
  ...featureOptions,
});

/** Validated options of `fm`. */
export type FmOptions = z.output<typeof options>;

const whole = (settings: FmOptions) => ({ ...settings, hidden: [] });

/**
 * Factorisation machine of second order (Rendle, ICDM 2010) over who asks, when and after what, and the item with its
 * categories; with `dim: 0` it is logistic regression. It predicts a class of events (`label`), or ranks.
 *
 * @example
 * defineConfig({ domain: fm({ dim: 16, label: { atLeast: 4 } }) });
 */
export const fm = defineDomainModel({
  id: '@tandem-rec/model-features#fm',
  summary: 'Factorisation machine over user, history, time, item and categories; logistic regression without factors.',
  options,
  gives: (settings) => featureKnowledge(whole(settings)),
  takes: ['parameters', 'predictions'],
  tables: (settings) => featureTables(whole(settings)),
  create: (settings, environment) => new FeatureModel(whole(settings), environment),
});
