import { defineFusion, z } from '@tandem-rec/contract';
import { weightsOption } from './expert-weights.ts';
import { RankPool } from './rank-pool.ts';
import { WeightedFusion } from './weighted-fusion.ts';

const options = z.strictObject({
  by: z
    .enum(['reciprocal', 'borda'])
    .default('reciprocal')
    .describe('What a rank r (0-based, of n items) is worth: 1 / (smoothing + r + 1), or (n − r) / n.'),
  smoothing: z
    .number()
    .min(0)
    .default(60)
    .describe('`reciprocal`: the k of the paper. The larger it is, the less the first ranks stand out.'),
  weights: weightsOption,
});

/** Validated options of `rankMix`. */
export type RankMixOptions = z.output<typeof options>;

/**
 * One ranking of several by ranks alone, for experts whose scores cannot be compared: Reciprocal Rank Fusion (Cormack,
 * Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009),
 * or the Borda count. It differs from them by the weights.
 *
 * How sure an expert is goes unheard: where scores are logits, as the contract wants them, `mix` and `gate` know more.
 *
 * @example
 * defineConfig({ domain: [fism(), itemKnn()], language: langchain(), fusion: rankMix({ smoothing: 20 }) });
 */
export const rankMix = defineFusion({
  id: '@tandem-rec/fusion-mix#rankMix',
  summary: 'Reciprocal ranks or Borda counts, with fixed weights by name.',
  options,
  create: (settings, { name }) => new WeightedFusion(settings.weights, name, new RankPool(settings)),
});
