import { z } from '@tandem-rec/contract';
import { bodyOptions } from './body/body-options.ts';

/** Options of the plugin `transformer`. */
export const transformerOptions = z.strictObject({
  encoder: z
    .enum(['auto', 'minilm', 'subwords'])
    .default('auto')
    .describe(
      'What reads the items’ texts: a frozen pretrained sentence encoder, or subwords learned from scratch. `auto`: the former where its weights are found.',
    ),
  weights: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder of the sentence encoder’s weights in Hugging Face layout. Default: `all-MiniLM-L6-v2` in the models folder.',
    ),
  pooling: z
    .enum(['decay', 'causal'])
    .default('decay')
    .describe(
      'How a user’s past becomes a state: sums with learned decays (best on streams), or a small causal transformer.',
    ),
  causal: z
    .strictObject({
      layers: z.int().min(1).max(24).default(2).describe('Blocks of attention and feed-forward network.'),
      heads: z.int().min(1).max(64).default(2).describe('Heads of attention; they divide `dim`.'),
      dropout: z
        .number()
        .min(0)
        .max(0.95)
        .default(0.2)
        .describe(
          'Share of the elements put to zero in training, of the items that enter and of what each block adds.',
        ),
      learningRate: z.number().positive().default(3e-3).describe('Of the blocks (AdamW).'),
    })
    .prefault({})
    .describe('The causal transformer.'),
  body: bodyOptions
    .optional()
    .describe('A pretrained transformer that reads the past, in place of `pooling`. Default: none.'),
  window: z.int().min(1).max(512).default(40).describe('Newest items of a past that count.'),
  dim: z.int().min(4).max(1024).multipleOf(2).default(64).describe('Width of users’ and items’ vectors.'),
  hidden: z
    .int()
    .min(4)
    .max(4096)
    .optional()
    .describe('Width of the item tower’s hidden layer. Default 128; 256 with `pooling: causal`.'),
  features: z
    .int()
    .min(4)
    .max(1024)
    .optional()
    .describe(
      'Principal components of the text vectors (default 128; 256 with `pooling: causal`), or width of the learned subwords (default 64).',
    ),
  whitening: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'Components are divided by their singular values to this power: 0 keeps their scale, 1 makes them equal. Default 0.5; 0.7 with `pooling: causal`.',
    ),
  buckets: z.int().min(16).max(1_048_576).default(8192).describe('Embeddings that the hashed subwords share.'),
  negatives: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Up to this many items the softmax is over all; with more, over this many sampled ones and the batch’s own. Default 4096; 512 with `pooling: causal`.',
    ),
  userRows: z
    .boolean()
    .default(false)
    .describe(
      'Whether each user has a row of its own beside the pooled past: a table `user` of the shared embeddings.',
    ),
  itemRows: z
    .boolean()
    .default(false)
    .describe('Whether each item has a row of its own beside its text: a table `item` of the shared embeddings.'),
  tokenDropout: z
    .number()
    .min(0)
    .max(0.95)
    .optional()
    .describe(
      'Share of the items whose soft tokens, from tables of other participants, are left out of a step of learning. Default 0; 0.3 with `pooling: causal`.',
    ),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe('Of the item tower (AdamW). Default 2e-3; 3e-3 with `pooling: causal`.'),
  headLearningRate: z
    .number()
    .positive()
    .default(5e-3)
    .describe('Of pooling, soft tokens and the weight of popularity (AdamW).'),
  rowLearningRate: z.number().positive().default(0.05).describe('Of subwords and user rows (Adagrad).'),
  weightDecay: z.number().min(0).default(0).describe('Of all dense weights.'),
  popularity: z
    .boolean()
    .default(true)
    .describe('Whether scores have a term for log popularity, of a learned weight. Without it texts alone decide.'),
  popularityHalfLife: z
    .number()
    .positive()
    .default(20_000)
    .describe('Events after which an event counts half for an item’s popularity.'),
});

/** Validated options. */
export type TransformerOptions = z.output<typeof transformerOptions>;

/** What fits a stream that is seen once, and what fits data at rest that is learned in epochs. */
const DEFAULTS = {
  decay: { hidden: 128, components: 128, whitening: 0.5, negatives: 4096, tokenDropout: 0, learningRate: 2e-3 },
  causal: { hidden: 256, components: 256, whitening: 0.7, negatives: 512, tokenDropout: 0.3, learningRate: 3e-3 },
} as const;

/** Options with the defaults that follow from others. */
export interface SettledOptions extends TransformerOptions {
  readonly hidden: number;
  /** Principal components of text vectors; subwords are as wide as `features` says. */
  readonly components: number;
  readonly whitening: number;
  readonly negatives: number;
  readonly tokenDropout: number;
  readonly learningRate: number;
}

/** Fills in what the options leave to others of them. */
export function settle(options: TransformerOptions): SettledOptions {
  const { pooling, hidden, features, whitening, negatives, tokenDropout, learningRate } = options;
  const defaults = DEFAULTS[pooling];
  return {
    ...options,
    hidden: hidden ?? defaults.hidden,
    components: features ?? defaults.components,
    whitening: whitening ?? defaults.whitening,
    negatives: negatives ?? defaults.negatives,
    tokenDropout: tokenDropout ?? defaults.tokenDropout,
    learningRate: learningRate ?? defaults.learningRate,
  };
}
