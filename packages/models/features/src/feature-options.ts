import { z, type Knowledge, type TableRequest } from '@tandem-rec/contract';
import { BANK_SIDES } from './feature-space.ts';

/** What all models of features can be told. */
export const featureOptions = {
  label: z
    .strictObject({ atLeast: z.number().describe('An event of this value or more is positive, any other negative.') })
    .optional()
    .describe('What to predict. Default: whether somebody meets an item at all, against items drawn at random.'),
  negatives: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('Items drawn against each event where there is no `label`; all items are equally likely.'),
  past: z
    .int()
    .min(0)
    .max(512)
    .default(20)
    .describe('How many of the newest items of the history are features. 0: none.'),
  categories: z.int().min(1).max(65_536).default(256).describe('How many categories are told apart.'),
  learningRate: z.number().positive().default(0.05).describe('Step of the rows of users and items (Adagrad).'),
  denseLearningRate: z.number().positive().default(0.003).describe('Step of everything else (Adam).'),
  regularisation: z
    .number()
    .min(0)
    .default(0.02)
    .describe('λ, the weight of ‖θ‖²/2 for every feature of every example.'),
  initialStd: z.number().min(0).default(0.03).describe('Standard deviation of factors at birth.'),
};

const schema = z.strictObject(featureOptions);

/** Validated options that all models of features share, with the width of the factors and the layers behind them. */
export type FeatureOptions = z.output<typeof schema> & { readonly dim: number; readonly hidden: readonly number[] };

/** For each kind of row a table of linear weights and, unless dim is 0, one of factors. */
export function featureTables({ dim, initialStd, learningRate }: FeatureOptions): readonly TableRequest[] {
  const optimiser = { kind: 'adagrad', learningRate } as const;
  return Object.entries(BANK_SIDES).flatMap(([name, side]): TableRequest[] => [
    { name: `${name}-weight`, side, dim: 1, initialStd: 0, optimiser },
    ...(dim > 0 ? [{ name, side, dim, initialStd, optimiser }] : []),
  ]);
}

/** Without factors there is nothing to represent anybody by. */
export const featureKnowledge = ({ dim }: FeatureOptions): readonly Knowledge[] =>
  dim > 0 ? ['parameters', 'representations', 'predictions'] : ['parameters', 'predictions'];
