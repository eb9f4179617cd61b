import { defineDomainModel, z } from '@tandem-rec/contract';
import { ItemKnnModel } from './item-knn-model.ts';

const options = z.strictObject({
  history: z
    .int()
    .min(1)
    .max(512)
    .default(40)
    .describe('Newest items of a user’s past that meet a new one, and that vote.'),
  decay: z.number().positive().default(5).describe('After how many items a past item’s weight falls to 1/e.'),
  shrinkage: z
    .number()
    .positive()
    .default(5)
    .describe('Added to counts before they divide: large values distrust rare items.'),
  exponent: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('How strongly a candidate’s own count divides its score; with 0.5 it is a cosine.'),
  neighbours: z.int().min(8).default(2048).describe('Neighbours kept of each item; the weakest are dropped.'),
  popularity: z
    .strictObject({
      halfLife: z.number().positive().default(20_000).describe('Events after which an interaction counts half.'),
      weight: z
        .number()
        .min(0)
        .default(1e-3)
        .describe('Weight of an item’s share of the recent events, for those without neighbours.'),
    })
    .prefault({}),
});

/** Validated options of `itemKnn`. */
export type ItemKnnOptions = z.output<typeof options>;

/**
 * Items met by the same people in close succession, kept up to date event by event: the cheapest strong expert on a
 * stream. After Sarwar, Karypis, Konstan and Riedl, "Item-based collaborative filtering recommendation algorithms"
 * (WWW 2001), with the recency of sequential kNN (Ludewig and Jannach, UMUAI 2018) on both sides.
 *
 * @example
 * defineConfig({ domain: [fism(), itemKnn({ decay: 10 })], fusion: gate() });
 */
export const itemKnn = defineDomainModel({
  id: '@tandem-rec/model-neighbourhood#itemKnn',
  summary: 'Items met in close succession by the same people, counted event by event.',
  options,
  gives: ['predictions'],
  takes: [],
  create: (settings) => new ItemKnnModel(settings),
});
