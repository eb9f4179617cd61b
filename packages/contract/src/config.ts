import { z } from 'zod';
import type { PluginUse } from './plugin.ts';
import { pluginUseSchema } from './plugin-use-schema.ts';

/** Falsy entries and nested lists are allowed: `[ems && fism(), […]]`. */
export type OneOrMore<T> = T | readonly OneOrMore<T | false | null | undefined>[];

/** Settings of the co-training loop. Every field has a default. */
export const trainingSchema = z.strictObject({
  batch: z
    .strictObject({
      events: z.int().min(1).max(65_536).default(64).describe('A batch closes at this many records …'),
      timeoutMs: z
        .int()
        .min(0)
        .default(200)
        .describe('… or when the oldest of them has waited this long, milliseconds.'),
    })
    .prefault({}),
  replay: z.number().min(0).max(16).default(2).describe('Earlier events learned again beside each new one.'),
  replayWindow: z.int().min(1).default(1_000_000).describe('Replay draws from this many most recent events.'),
  rank: z
    .strictObject({
      share: z
        .number()
        .min(0)
        .max(1)
        .default(1)
        .describe('Share of new events that are ranked before they are learned.'),
    })
    .prefault({}),
  history: z
    .strictObject({
      limit: z.int().min(1).default(512).describe('Newest items of a user’s past that models are handed.'),
    })
    .prefault({}),
  dedupe: z
    .strictObject({ window: z.int().min(0).default(100_000).describe('Event ids remembered for de-duplication.') })
    .prefault({}),
  positive: z
    .strictObject({
      minValue: z
        .number()
        .optional()
        .describe('Events with a smaller value are counted and not learned, for example ratings under 4.'),
      kinds: z.array(z.string()).optional().describe('Kinds of events to learn from. Default: all.'),
    })
    .prefault({}),
  time: z
    .strictObject({
      notBefore: z.string().default('1990-01-01T00:00:00Z').describe('Earlier event times are taken for mistakes.'),
      aheadMs: z
        .int()
        .min(0)
        .default(86_400_000)
        .describe('Event times further ahead of the clock than this are taken for mistakes.'),
    })
    .prefault({}),
  checkpoint: z
    .strictObject({
      everyEvents: z.int().min(1).default(20_000),
      everySeconds: z.number().positive().default(60),
    })
    .prefault({}),
  budget: z
    .strictObject({
      language: z
        .number()
        .positive()
        .max(1)
        .default(1)
        .describe(
          'Share of the loop’s time that the language side may spend on learning: above it the side leaves batches out. It is still ranked with every batch, and that time is not counted. 1: it learns from every batch.',
        ),
    })
    .prefault({}),
});

/** Validated settings of the loop. */
export type Training = z.output<typeof trainingSchema>;

/** Settings of `tandem evaluate` and `tandem compare`. */
export const evaluationSchema = z.strictObject({
  split: z
    .discriminatedUnion('by', [
      z.strictObject({ by: z.literal('leave-one-out'), minInteractions: z.int().min(3).default(3) }),
      z.strictObject({
        by: z.literal('random'),
        valid: z.number().min(0).max(0.5).default(0.1),
        test: z.number().positive().max(0.5).default(0.1),
      }),
      z.strictObject({
        by: z.literal('temporal'),
        valid: z.number().min(0).max(0.5).default(0.1),
        test: z.number().positive().max(0.5).default(0.1),
      }),
      z.strictObject({ by: z.literal('given') }),
    ])
    .prefault({ by: 'leave-one-out' }),
  minValue: z.number().optional().describe('Interactions with a smaller value are left out.'),
  cutoff: z.int().min(1).default(10),
  epochs: z.int().min(1).default(100).describe('Upper bound; early stopping on validation usually ends before.'),
  patience: z.int().min(1).default(5).describe('Validations without improvement before training stops.'),
  validateEvery: z.int().min(1).default(1).describe('Epochs between validations.'),
  batch: z.int().min(1).default(256).describe('Interactions per step, about.'),
  batches: z
    .enum(['events', 'timelines'])
    .default('events')
    .describe(
      'A step takes interactions in random order, or whole timelines of users with nearly as many interactions as each other: sequence models read those once instead of once an interaction.',
    ),
  annealing: z
    .strictObject({
      from: z.number().min(0).max(1).default(0.75).describe('Share of the epochs after which the rates begin to fall.'),
      to: z.number().min(0).max(1).default(0.1).describe('Share of the rates that is left in the last epoch.'),
    })
    .optional()
    .describe('Linear fall of all learning rates over the epochs. Default: none. A `fit` has a schedule of its own.'),
  historyWithValidation: z.boolean().default(true).describe('At test time the validation item is history (no refit).'),
  seeds: z.array(z.int()).min(1).optional().describe('One run per seed. Default: the composition’s seed.'),
  resamples: z.int().min(100).default(2000).describe('Bootstrap resamples.'),
});

/** Validated settings of offline evaluation. */
export type Evaluation = z.output<typeof evaluationSchema>;

/** Settings of `tandem compare`. */
export const comparisonSchema = z.strictObject({
  strategies: z
    .array(pluginUseSchema('sharing-strategy'))
    .default([])
    .describe('Exchanges to compare with each other, over the same controls. Default: `sharing` alone.'),
});

/** Validated settings of a comparison. */
export type Comparison = z.output<typeof comparisonSchema>;

/** Limits of starting, answering and stopping. */
export const limitsSchema = z.strictObject({
  startMs: z.int().min(100).default(120_000).describe('Each component must start within this time.'),
  stopMs: z.int().min(100).default(10_000).describe('Each component must stop within this time.'),
  callMs: z
    .int()
    .min(100)
    .default(120_000)
    .describe('On a stream a participant that does not answer a call within this time is left out until it does.'),
  threads: z.int().min(1).default(1).describe('Threads each component may keep busy.'),
});

/** Validated limits. */
export type Limits = z.output<typeof limitsSchema>;

/** What `tandem.config.ts` exports. The same keys, with `{ use, as?, options? }` for plugins, make the YAML form. */
export interface TandemConfig {
  /** Name of the composition, for people. */
  readonly name?: string;
  /** Everything random follows from it. Default 42. */
  readonly seed?: number;
  /** Where `tandem start` reads from. */
  readonly source?: PluginUse<'interaction-source'>;
  /** What `tandem evaluate` and `tandem compare` run on. */
  readonly dataset?: PluginUse<'dataset-reader'>;
  /** Items known before the stream begins. The stream may bring more. */
  readonly catalogue?: PluginUse<'dataset-reader'>;
  readonly domain: OneOrMore<PluginUse<'domain-model'>>;
  readonly language?: OneOrMore<PluginUse<'language-model'>>;
  /** Default: no exchange. */
  readonly sharing?: PluginUse<'sharing-strategy'>;
  /** The first one serves; all are measured. */
  readonly fusion?: OneOrMore<PluginUse<'fusion'>>;
  readonly store?: PluginUse<'checkpoint-store'>;
  /** Tensor backend; default: the best one present. */
  readonly backend?: 'native' | 'wasm' | 'cpu';
  readonly training?: z.input<typeof trainingSchema>;
  readonly evaluation?: z.input<typeof evaluationSchema>;
  readonly comparison?: z.input<typeof comparisonSchema>;
  readonly limits?: z.input<typeof limitsSchema>;
}

/** Types a configuration; changes nothing. */
export const defineConfig = (config: TandemConfig): TandemConfig => config;
