import { z } from '@tandem-rec/contract';
import { birthOptions, fadingOptions, guardOption, wishOptions } from '@tandem-rec/exchange';

/** Options of `bridge`. */
export const bridgeOptions = z.strictObject({
  births: z
    .strictObject({
      from: z
        .enum(['text', 'table'])
        .default('text')
        .describe(
          'Where item rows of the domain side are born: at whitened principal components of their texts, and, while nobody has met them, where the prior’s regression says, once the guard believes it; or where their table says.',
        ),
      ...birthOptions,
    })
    .prefault({}),
  prior: z.strictObject({ ...fadingOptions, ...wishOptions }).prefault({}),
  token: z
    .boolean()
    .default(true)
    .describe('The language side reads the domain side’s item rows as a soft token, gradients stopped.'),
  predictions: z
    .strictObject({
      to: z
        .enum(['both', 'domain', 'language', 'none'])
        .default('both')
        .describe(
          'Who is taught by the other’s predictions; `both`: the language side, and the domain side where a model takes them.',
        ),
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
    })
    .prefault({}),
  guard: guardOption,
});

/** Validated options of `bridge`. */
export type BridgeOptions = z.output<typeof bridgeOptions>;
