import { defineDomainModel, z, type Knowledge } from '@tandem-rec/contract';
import { factorTables } from './factor-tables.ts';
import { FactorModel } from './factor-model.ts';
import { WarpRule } from './warp-rule.ts';

const options = z.strictObject({
  dim: z.int().min(1).max(1024).default(64).describe('Width of the rows of users and items.'),
  draws: z.int().min(1).max(100).default(10).describe('Unmet items that are tried against an event at most.'),
  learningRate: z.number().positive().default(0.05).describe('Step of Adagrad.'),
  regularisation: z.number().min(0).default(0).describe('λ, the weight of ‖Θ‖²/2 for every row of a sample.'),
  initialStd: z.number().positive().default(0.01).describe('Standard deviation of rows at birth.'),
});

/** Validated options of `warp`. */
export type WarpOptions = z.output<typeof options>;

const KNOWLEDGE: readonly Knowledge[] = ['parameters', 'representations', 'predictions'];

/**
 * Matrix factorisation by the weighted approximate-rank pairwise loss (Weston, Bengio and Usunier, IJCAI 2011), in the form
 * that LightFM made known: it works on the head of the list, where BPR works on all of it. Rows are shared embeddings and
 * follow Adagrad, on a stream as at rest.
 *
 * @example
 * defineConfig({ domain: warp({ dim: 64, draws: 20 }) });
 */
export const warp = defineDomainModel({
  id: '@tandem-rec/model-factorisation#warp',
  summary: 'Matrix factorisation by the weighted approximate-rank pairwise loss.',
  options,
  gives: KNOWLEDGE,
  takes: ['parameters', 'predictions'],
  tables: ({ learningRate, ...shape }) => factorTables(shape, { kind: 'adagrad', learningRate, initialAccumulator: 1 }),
  create: (settings, environment) => new FactorModel(settings, new WarpRule(settings), environment),
});
