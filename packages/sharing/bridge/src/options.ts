import { z } from '@tandem-rec/contract';

/** Options of `bridge`. */
export const bridgeOptions = z.strictObject({
  prior: z
    .strictObject({
      strength: z
        .number()
        .min(0)
        .default(0.02)
        .describe('ρ: a touched row moves ρ / (n + 1)^fade toward its text, n its interactions. 0: no prior.'),
      fade: z.number().min(0).default(1).describe('How fast the prior gives way to evidence.'),
      initialise: z.boolean().default(true).describe('Rows of items that nobody met start where their text says.'),
      everyBatches: z.int().min(1).default(5).describe('Batches between two fits of the map from text to rows.'),
      minCount: z.int().min(1).default(10).describe('The map learns from items met at least this often …'),
      minItems: z.int().min(2).default(100).describe('… once there are this many of them.'),
      ridge: z.number().positive().default(1).describe('λ of the ridge regression.'),
    })
    .prefault({}),
  token: z
    .boolean()
    .default(true)
    .describe('The language side reads the domain side’s item rows as a soft token, gradients stopped.'),
  predictions: z
    .strictObject({
      to: z
        .enum(['both', 'domain', 'language', 'none'])
        .default('language')
        .describe('Who is taught by the other’s predictions.'),
      weight: z.number().min(0).default(1).describe('λ of the distillation loss.'),
      temperature: z.number().positive().default(1),
      afterEvents: z
        .int()
        .min(0)
        .default(3000)
        .describe('No prediction lessons before this many events: until then nobody knows anything.'),
      candidates: z
        .int()
        .min(2)
        .default(4096)
        .describe('Most items that a lesson ranks; of a larger catalogue it is a sample.'),
      guard: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe(
          'A teacher whose recent rankings reach less than this share of the student’s quality is not heard; 0: always heard.',
        ),
    })
    .prefault({}),
});

/** Validated options of `bridge`. */
export type BridgeOptions = z.output<typeof bridgeOptions>;
