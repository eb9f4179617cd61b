import { z } from '@tandem-rec/contract';

/** How pairs are learned from; see `PairLoss`. */
export const lossSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bpr').describe('The loss of the paper: a negative for each pair.') }),
  z.strictObject({
    kind: z.literal('sampled-softmax').describe('Every 512 pairs of a step compete with a sample of items.'),
    negatives: z
      .int()
      .min(4)
      .max(65536)
      .default(512)
      .describe('Items of the sample; rounded up to a multiple of four.'),
    similarity: z.enum(['dot', 'cosine']).default('dot').describe('Of users and items.'),
    temperature: z
      .number()
      .positive()
      .default(1)
      .describe('τ: what similarities are divided by; for `cosine` take about 0.1.'),
    lengths: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe(
        'For `cosine`, when it ranks: the power of the length of an item’s vector that its score is multiplied by. Propagation makes vectors of popular items long: 0 is the cosine, 1 the dot product.',
      ),
    popularity: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('Items are drawn in proportion to their count to this power: 0 uniformly, 1 as they occur.'),
    logQ: z
      .boolean()
      .default(true)
      .describe('Whether scores of the sample are corrected for how likely they were drawn.'),
  }),
]);

/** Validated. */
export type Loss = z.output<typeof lossSchema>;

export type SampledSoftmax = Loss & { readonly kind: 'sampled-softmax' };
