import { z, type TableRequest } from '@tandem-rec/contract';

/** Options that every sequence model has. */
export const sequenceOptions = {
  dim: z.int().min(1).max(1024).default(64).describe('Width of item rows and hidden states.'),
  maxLength: z.int().min(1).max(1024).default(50).describe('Newest items of a user’s past that are read.'),
  dropout: z.number().min(0).max(0.95).default(0.5).describe('Share of the elements put to zero in training.'),
  loss: z
    .enum(['full-softmax', 'sampled'])
    .default('sampled')
    .describe(
      'Cross-entropy over all items, or over the targets of a step and uniform draws, corrected by how likely each was to be there.',
    ),
  negatives: z
    .int()
    .min(1)
    .default(1024)
    .describe('Uniform draws of the sampled loss. A catalogue that is not larger competes as a whole.'),
  learningRate: z.number().positive().default(2e-3).describe('AdamW with β = (0.9, 0.98), item rows and weights.'),
  weightDecay: z.number().min(0).default(0).describe('Decoupled, a step, times the learning rate.'),
  annealing: z
    .strictObject({
      from: z.number().min(0).max(1).default(0.75).describe('Share of the epochs after which the rate begins to fall.'),
      to: z.number().min(0).max(1).default(0.1).describe('Share of the learning rate that is left in the last epoch.'),
    })
    .prefault({})
    .describe('Linear fall of the learning rate in `fit`.'),
  tokens: z.int().min(1).default(1024).describe('Tokens a step of `fit`, about.'),
  initialStd: z.number().min(0).default(0.02).describe('Standard deviation of item rows at birth.'),
};

const schema = z.strictObject(sequenceOptions);

/** Those options, validated. */
export type SequenceOptions = z.output<typeof schema>;

export const BETA1 = 0.9;
export const BETA2 = 0.98;

/** The one table of a sequence model: a user is what they did. */
export const itemTable = ({ dim, initialStd, learningRate }: SequenceOptions): readonly TableRequest[] => [
  {
    name: 'item',
    side: 'item',
    dim,
    initialStd,
    optimiser: { kind: 'adam', learningRate, beta1: BETA1, beta2: BETA2, idle: 'coast' },
  },
];
