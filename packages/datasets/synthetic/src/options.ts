import { z } from '@tandem-rec/contract';

/** Options of `syntheticWorld`. The defaults were fixed by plausibility before any model was tuned on them. */
export const worldOptions = z.strictObject({
  users: z.int().min(1).default(1200),
  items: z.int().min(1).default(1000),
  events: z.int().min(1).default(30_000),
  seed: z.int().default(7).describe('The world follows from it, whatever the composition’s seed.'),
  wordsTell: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('w: share of taste that shows in words. 0: words say nothing about behaviour.'),
  sharpness: z.number().min(0).default(4).describe('g: how much taste decides; 0: popularity alone.'),
  locality: z.number().min(0).max(1).default(0.35).describe('How much the item just met colours what comes next.'),
  drift: z.number().min(0).max(1).default(0.04).describe('Chance that a user changes a favourite before a session.'),
  arrivals: z.number().min(0).max(1).default(0.5).describe('Share of items that arrive while the stream runs.'),
  permuteTexts: z
    .boolean()
    .default(false)
    .describe('The control: every item gets the text of another; behaviour is the same.'),
});

export type WorldOptions = ReturnType<typeof worldOptions.parse>;
