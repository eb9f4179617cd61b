import { defineFusion, z } from '@tandem-rec/contract';
import { GateFusion } from './gate-fusion.ts';

const options = z.strictObject({
  learningRate: z.number().positive().default(0.01).describe('Adam.'),
  q: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'Of the generalised cross-entropy (1 − p^q) / q: how much less is learned from what nobody ranks high. 0 is cross-entropy, 1 the chance of a miss. Larger ones favour items that are met often: better lists, fewer rare finds.',
    ),
  total: z
    .number()
    .positive()
    .default(1.1)
    .describe(
      'Sum of the experts’ weights at the start, shared equally. Above 1 the ensemble is surer than its members.',
    ),
});

/** Validated options of `gate`. */
export type GateOptions = z.output<typeof options>;

/**
 * A weight for each expert that depends on how old the user and the item are, learned online: who is worth listening to
 * about a newcomer is not who is worth listening to about a classic. A product of experts (Hinton 2002) with the weights
 * of a mixture's gate (Jacobs, Jordan, Nowlan and Hinton 1991), learned by cross-entropy, or by the generalised one of
 * Zhang and Sabuncu (2018).
 *
 * @example
 * defineConfig({ domain: [fism(), itemKnn()], language: transformer(), fusion: gate() });
 */
export const gate = defineFusion({
  id: '@tandem-rec/fusion-gate#gate',
  summary: 'Weights by age of user and item, learned online.',
  options,
  create: (settings) => new GateFusion(settings),
});
