import { defineDomainModel, z, type TableRequest } from '@tandem-rec/contract';
import { IalsModel } from './ials-model.ts';

const options = z.strictObject({
  dim: z.int().min(1).max(1024).default(64).describe('Width of the rows of users and items.'),
  unobservedWeight: z
    .number()
    .positive()
    .default(0.1)
    .describe('α₀, what a pair of user and item that never met weighs beside one that did. 1 / α of Hu et al.'),
  regularisation: z.number().positive().default(0.005).describe('λ, the weight of the rows’ squared lengths.'),
  frequencyExponent: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('ν: a row of n events is held by λ · (n + α₀ · rows of the other side)^ν. 0: all rows alike.'),
  solver: z
    .enum(['conjugate-gradients', 'cholesky'])
    .default('conjugate-gradients')
    .describe('How a row is solved for: a few steps from where it is, or exactly.'),
  steps: z.int().min(1).max(64).default(3).describe('Steps of conjugate gradients a row and pass.'),
  initialStd: z
    .number()
    .positive()
    .default(0.1)
    .describe('Standard deviation of a row’s length at birth: entries have this over √dim.'),
  foldIn: z
    .boolean()
    .default(false)
    .describe('Whether every user is solved for from the history at each prediction, instead of the row being read.'),
  sharpness: z
    .number()
    .positive()
    .default(10)
    .describe('What predictions, which lie about 0 … 1, are multiplied by to be logits.'),
});

/** Validated options of `ials`. */
export type IalsOptions = z.output<typeof options>;

function tables({ dim, initialStd }: IalsOptions): readonly TableRequest[] {
  const row = { dim, initialStd: initialStd / Math.sqrt(dim), optimiser: { kind: 'sgd', learningRate: 1 } } as const;
  return [
    { name: 'user', side: 'user', ...row },
    { name: 'item', side: 'item', ...row },
  ];
}

/**
 * Implicit alternating least squares (Hu, Koren and Volinsky, ICDM 2008), regularised and begun as Rendle, Krichene,
 * Zhang and Koren, "Revisiting the Performance of iALS on Item Recommendation Benchmarks" (RecSys 2022). Few passes, each
 * cheap, hardly anything to tune: the matrix factorisation to begin with. On a stream the rows of whom an event touches
 * are solved for again from all they met, at a cost that grows with that.
 *
 * @example
 * defineConfig({ domain: ials({ dim: 128, unobservedWeight: 0.3 }) });
 */
export const ials = defineDomainModel({
  id: '@tandem-rec/model-factorisation#ials',
  summary: 'Matrix factorisation by implicit alternating least squares.',
  options,
  gives: ['parameters', 'representations', 'predictions'],
  takes: [],
  tables,
  create: (settings, environment) => new IalsModel(settings, environment),
});
