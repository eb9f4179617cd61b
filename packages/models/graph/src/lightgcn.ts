import { defineDomainModel, z, type Knowledge, type TableRequest } from '@tandem-rec/contract';
import { LightGcnModel } from './lightgcn-model.ts';
import { lossSchema } from './loss-options.ts';

const options = z.strictObject({
  dim: z.int().min(4).max(1024).multipleOf(4).default(64).describe('Width of the rows of users and items.'),
  layers: z.int().min(1).max(8).default(3).describe('K: how many edges away knowledge comes from.'),
  loss: lossSchema.prefault({ kind: 'sampled-softmax' }).describe('What pairs are learned by.'),
  batch: z
    .int()
    .min(1)
    .max(1 << 20)
    .default(8192)
    .describe('Pairs of a step of `fit`. Every step spreads rows over the whole graph: take large ones.'),
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
        .describe('Share of new edges after which what neighbours contribute is computed anew.'),
    })
    .prefault({})
    .describe('Learning from events as they arrive.'),
});

/** Validated options of `lightgcn`. */
export type LightGcnOptions = z.output<typeof options>;

function tables({ dim, initialStd, online }: LightGcnOptions): readonly TableRequest[] {
  const optimiser = { kind: 'adagrad', learningRate: online.learningRate } as const;
  return [
    { name: 'user', side: 'user', dim, initialStd, optimiser },
    { name: 'item', side: 'item', dim, initialStd, optimiser },
  ];
}

const KNOWLEDGE: readonly Knowledge[] = ['parameters', 'representations', 'predictions'];

/**
 * LightGCN (He, Deng, Wang, Li, Zhang and Wang, SIGIR 2020): rows of users and items are spread over the graph of who met
 * what, and the mean of all layers is what is compared. Learns by a sampled softmax in few large steps, or by BPR as
 * published.
 *
 * @example
 * defineConfig({ domain: lightgcn({ loss: { kind: 'sampled-softmax', similarity: 'cosine', temperature: 0.2 } }) });
 */
export const lightgcn = defineDomainModel({
  id: '@tandem-rec/model-graph#lightgcn',
  summary: 'Light graph convolution over users and items.',
  options,
  gives: KNOWLEDGE,
  takes: ['parameters'],
  tables,
  create: (settings, environment) => new LightGcnModel(settings, environment),
});
