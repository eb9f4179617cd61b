import { defineDomainModel, z, type Knowledge } from '@tandem-rec/contract';
import { BprRule } from './bpr-rule.ts';
import { FactorModel } from './factor-model.ts';
import { factorTables } from './factor-tables.ts';

const options = z.strictObject({
  dim: z.int().min(1).max(1024).default(64).describe('Width of the rows of users and items.'),
  negatives: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('Items drawn against each event of a stream. More follow it better, at a cost that grows with them.'),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe('Step of the optimiser on a stream. Default: .2 for `adagrad`; .03 for `sgd`, whose steps add up.'),
  optimiser: z
    .enum(['sgd', 'adagrad'])
    .default('adagrad')
    .describe('How rows follow their gradients: `sgd` as published; `adagrad` needs fewer passes.'),
  regularisation: z.number().min(0).default(0.01).describe('λ, the weight of ‖Θ‖²/2 for every row of a sample.'),
  initialStd: z.number().positive().default(0.01).describe('Standard deviation of rows at birth.'),
  fit: z
    .strictObject({
      learningRate: z.number().positive().default(0.05).describe('Step of plain gradient descent.'),
      decay: z
        .enum(['none', 'linear'])
        .default('none')
        .describe('Whether the step shrinks to nothing at the last pass of the run.'),
      sampling: z
        .enum(['user', 'event'])
        .default('user')
        .describe('`user`: each user is drawn equally often, and then one of their events; `event`: each event is.'),
      bias: z.boolean().default(true).describe('Whether items have a bias that learns.'),
    })
    .prefault({})
    .describe('Training on data at rest: single steps in place, as published.'),
});

/** Validated options of `bpr`. */
export type BprOptions = z.output<typeof options>;

const KNOWLEDGE: readonly Knowledge[] = ['parameters', 'representations', 'predictions'];

/**
 * Matrix factorisation by Bayesian personalised ranking (Rendle, Freudenthaler, Gantner and Schmidt-Thieme, UAI 2009),
 * whose rows are shared embeddings. Fast and simple, and strong on data at rest; on a stream it follows with many replays
 * (`training.replay`).
 *
 * @example
 * defineConfig({ domain: bpr({ dim: 32, negatives: 8 }) });
 */
export const bpr = defineDomainModel({
  id: '@tandem-rec/model-factorisation#bpr',
  summary: 'Matrix factorisation by Bayesian personalised ranking.',
  options,
  gives: KNOWLEDGE,
  takes: ['parameters', 'predictions'],
  tables: ({ optimiser: kind, learningRate = kind === 'sgd' ? 0.03 : 0.2, ...shape }) =>
    factorTables(shape, { kind, learningRate }),
  create: (settings, environment) => new FactorModel(settings, new BprRule(settings), environment),
});
