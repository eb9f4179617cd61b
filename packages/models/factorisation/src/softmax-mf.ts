import { defineDomainModel, z, type TableRequest } from '@tandem-rec/contract';
import { SoftmaxModel } from './softmax-model.ts';

const options = z.strictObject({
  dim: z.int().min(1).max(1024).default(64).describe('Width of the rows of users and items.'),
  similarity: z.enum(['cosine', 'dot']).default('cosine').describe('Of a user and an item.'),
  temperature: z
    .number()
    .positive()
    .default(0.1)
    .describe('τ: what similarities are divided by. About .1 for `cosine`, 1 for `dot`.'),
  lengths: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'Of `cosine`, in predictions only: items count by this power of their length, which grows with how often they were met.',
    ),
  negatives: z
    .int()
    .min(4)
    .max(65536)
    .default(512)
    .describe('Items that all pairs of a step compete with; rounded up to a multiple of four.'),
  popularShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Share of them drawn as items occur, like the other items of a batch; the others uniformly.'),
  logQ: z
    .boolean()
    .default(true)
    .describe('Whether scores of the sample are corrected for how likely they were drawn.'),
  initialStd: z
    .number()
    .positive()
    .default(0.1)
    .describe('Standard deviation of a row’s length at birth: entries have this over √dim.'),
  fit: z
    .strictObject({
      batch: z
        .int()
        .min(1)
        .max(1 << 20)
        .default(4096)
        .describe('Pairs a step.'),
      learningRate: z
        .number()
        .positive()
        .default(0.01)
        .describe('Of Adam; falls linearly to nothing by the last pass.'),
      regularisation: z
        .number()
        .min(0)
        .default(0)
        .describe('λ, decoupled: what a step takes from each row that it moves, over its rate.'),
    })
    .prefault({})
    .describe('Training on data at rest.'),
  online: z
    .strictObject({ learningRate: z.number().positive().default(0.1).describe('Step of Adagrad on rows.') })
    .prefault({})
    .describe('Learning from events as they arrive.'),
});

/** Validated options of `softmaxMf`. */
export type SoftmaxMfOptions = z.output<typeof options>;

function tables({ dim, initialStd, online }: SoftmaxMfOptions): readonly TableRequest[] {
  const optimiser = { kind: 'adagrad', learningRate: online.learningRate } as const;
  const row = { dim, initialStd: initialStd / Math.sqrt(dim), optimiser };
  return [
    { name: 'user', side: 'user', ...row },
    { name: 'item', side: 'item', ...row },
  ];
}

/**
 * Matrix factorisation by a sampled softmax (Wu et al., "On the Effectiveness of Sampled Softmax Loss for Item
 * Recommendation", TOIS 2024): each pair competes with one sample of items that all pairs of a step share, by matrix
 * products, at some seconds a million pairs and pass.
 *
 * @example
 * defineConfig({ domain: softmaxMf({ temperature: 0.12, negatives: 1024 }) });
 */
export const softmaxMf = defineDomainModel({
  id: '@tandem-rec/model-factorisation#softmaxMf',
  summary: 'Matrix factorisation by a sampled softmax.',
  options,
  gives: ['parameters', 'representations', 'predictions'],
  takes: ['parameters'],
  tables,
  create: (settings, environment) => new SoftmaxModel(settings, environment),
});
