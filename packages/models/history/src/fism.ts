import { defineDomainModel, z, type Knowledge, type RowOptimiser, type TableRequest } from '@tandem-rec/contract';
import { FismModel } from './fism-model.ts';

const KNOWLEDGE: readonly Knowledge[] = ['parameters', 'representations', 'predictions'];

const options = z.strictObject({
  dim: z.int().min(1).max(1024).default(64).describe('Width of the rows of users and items.'),
  history: z.int().min(1).max(512).default(40).describe('Newest items of a user’s past that make the state.'),
  decays: z
    .array(z.number().positive())
    .min(1)
    .max(8)
    .default([2, 8, 40])
    .describe('One pooling of the history each: after how many items its weights start out at 1/e. They are learned.'),
  negatives: z
    .int()
    .min(1)
    .default(2048)
    .describe(
      'Up to this many items the softmax runs over the whole catalogue; beyond, over the batch’s items and so many uniform draws.',
    ),
  maskHistory: z
    .boolean()
    .default(true)
    .describe(
      'Items the user has met do not compete in training. Switch it off where people come back to the same items.',
    ),
  learningRate: z.number().positive().default(0.05).describe('Adagrad, rows of users and items.'),
  denseLearningRate: z.number().positive().default(5e-3).describe('Adam, everything that is not a row.'),
  initialStd: z.number().min(0).default(0.05).describe('Standard deviation of item rows at birth.'),
  popularity: z
    .strictObject({
      halfLife: z.number().positive().default(20_000).describe('Events after which an interaction counts half.'),
      smoothing: z
        .number()
        .positive()
        .default(0.3)
        .describe('Added to the decayed count before its logarithm is taken.'),
      weight: z.number().default(1).describe('Weight of log popularity at the start; it is learned.'),
    })
    .prefault({}),
});

/** Validated options of `fism`. */
export type FismOptions = z.output<typeof options>;

function tables({ dim, initialStd, learningRate }: FismOptions): readonly TableRequest[] {
  const optimiser: RowOptimiser = { kind: 'adagrad', learningRate };
  return [
    { name: 'item', side: 'item', dim, initialStd, optimiser },
    { name: 'item-bias', side: 'item', dim: 1, initialStd: 0, optimiser },
    { name: 'user', side: 'user', dim, initialStd: 0, optimiser },
  ];
}

/**
 * A user is what they did: FISM's pooled history (Kabbur, Ning and Karypis, "FISM: Factored Item Similarity Models for
 * Top-N Recommender Systems", KDD 2013) with learned decays, a user row, an item bias and a learned weight on decayed
 * popularity, trained with a softmax over the catalogue. The strong default on streams: a new user has a state from
 * the first interaction on.
 *
 * With the whole catalogue as candidates a step touches every item row, which is right for thousands of items and wrong
 * for millions: `negatives` draws the line.
 *
 * @example
 * defineConfig({ domain: fism({ dim: 32, decays: [1, 10] }) });
 */
export const fism = defineDomainModel({
  id: '@tandem-rec/model-history#fism',
  summary: 'Users as learned-decay pools of their history; the strong default on streams.',
  options,
  gives: KNOWLEDGE,
  takes: KNOWLEDGE,
  tables,
  create: (settings, environment) => new FismModel(settings, environment),
});
