import { z, type Knowledge, type TableRequest } from '@tandem-rec/contract';
import { lossSchema } from './loss-options.ts';

/** What all graph models can be told. */
export const graphOptions = z.strictObject({
  dim: z.int().min(4).max(1024).multipleOf(4).default(64).describe('Width of the rows of users and items.'),
  layers: z.int().min(1).max(8).default(3).describe('K: how many edges away knowledge comes from.'),
  loss: lossSchema.prefault({ kind: 'sampled-softmax' }).describe('What pairs are learned by.'),
  batch: z
    .int()
    .min(1)
    .max(1 << 20)
    .optional()
    .describe(
      'Pairs of a step of `fit`. Every step spreads rows over the whole graph; by default there are at most 64 in an epoch, of at least 2048 pairs.',
    ),
  learningRate: z.number().positive().default(0.02).describe('Of Adam in `fit`; larger batches bear larger ones.'),
  schedule: z
    .enum(['constant', 'cosine'])
    .default('cosine')
    .describe('How the learning rate goes on after its rise; `cosine` falls to zero at the last epoch.'),
  regularisation: z
    .number()
    .min(0)
    .default(0)
    .describe('λ, decoupled: what a step takes from each row, over its rate.'),
  initialStd: z.number().positive().default(0.01).describe('Standard deviation of rows at birth.'),
  online: z
    .strictObject({
      learningRate: z.number().positive().default(0.05).describe('Step of Adagrad on rows.'),
      refresh: z
        .number()
        .positive()
        .max(1)
        .default(0.05)
        .describe('Events, as a share of the edges, after which what neighbours contribute is computed anew.'),
    })
    .prefault({})
    .describe('Learning from events as they arrive.'),
});

/** Validated. */
export type GraphOptions = z.output<typeof graphOptions>;

/** Steps of an epoch, and pairs of a step, where no batch is asked for: the time of an epoch grows with the edges. */
const MOST_STEPS = 64;
const LEAST_PAIRS = 2048;

/** Pairs of a step of `fit` over so many edges. */
export function batchOf({ batch }: Pick<GraphOptions, 'batch'>, edges: number): number {
  return Math.min(edges, batch ?? Math.max(LEAST_PAIRS, Math.ceil(edges / MOST_STEPS)));
}

/** The rows of layer 0. */
export function graphTables({ dim, initialStd, online }: GraphOptions): readonly TableRequest[] {
  const optimiser = { kind: 'adagrad', learningRate: online.learningRate } as const;
  return [
    { name: 'user', side: 'user', dim, initialStd, optimiser },
    { name: 'item', side: 'item', dim, initialStd, optimiser },
  ];
}

export const GRAPH_KNOWLEDGE: readonly Knowledge[] = ['parameters', 'representations', 'predictions'];
