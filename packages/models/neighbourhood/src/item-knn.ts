import { defineDomainModel, z } from '@tandem-rec/contract';
import { ComparedItemKnn } from './compared-item-knn.ts';
import { countingOf } from './counting.ts';
import { CountedItemKnn } from './counted-item-knn.ts';

const options = z.strictObject({
  similarity: z
    .enum(['recency', 'cosine', 'bm25'])
    .default('recency')
    .describe(
      '`recency`: items met in close succession, counted event by event. `cosine` and `bm25` compare who met the items, in any order, over a whole set or event by event.',
    ),
  neighbours: z
    .int()
    .min(8)
    .optional()
    .describe(
      'Neighbours kept of each item. Default: 2048 of those that are counted event by event; 100 where a whole set is compared, the item itself included.',
    ),
  history: z
    .int()
    .min(1)
    .max(512)
    .optional()
    .describe('Newest items of a user’s past that vote. Default: 40 with `recency`, else all that are handed over.'),
  bm25: z
    .strictObject({
      k1: z.number().positive().default(1.2).describe('How much it says to meet an item again: K1 of BM25.'),
      b: z.number().min(0).max(1).default(0.75).describe('How strongly popular items are discounted: B of BM25.'),
    })
    .prefault({})
    .describe('For `bm25`.'),
  decay: z
    .number()
    .positive()
    .default(5)
    .describe('`recency`: after how many items a past item’s weight falls to 1/e.'),
  shrinkage: z
    .number()
    .positive()
    .default(5)
    .describe('`recency`: added to counts before they divide: large values distrust rare items.'),
  exponent: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('`recency`: how strongly a candidate’s own count divides its score; with 0.5 it is a cosine.'),
  popularity: z
    .strictObject({
      halfLife: z
        .number()
        .positive()
        .default(1000)
        .describe('Event by event: after how many of them an interaction counts half.'),
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
 * Items whose neighbours a user has met, from the user's history alone: somebody met for the first time is served as well as
 * anybody. Two ways to be a neighbour:
 *
 * - `recency`: items met by the same people in close succession, kept up to date event by event; the cheapest strong expert
 *   on a stream. After Sarwar, Karypis, Konstan and Riedl, "Item-based collaborative filtering recommendation algorithms"
 *   (WWW 2001), with the recency of sequential kNN (Ludewig and Jannach, UMUAI 2018) on both sides.
 * - `cosine` and `bm25`: items met by the same people, compared over a whole set, as the library implicit does it (Sarwar et
 *   al. 2001; BM25: Robertson and Walker, SIGIR 1994), or counted event by event.
 *
 * @example
 * defineConfig({ domain: [fism(), itemKnn({ decay: 10 })], fusion: gate() });
 * defineConfig({ domain: itemKnn({ similarity: 'bm25', neighbours: 100, bm25: { b: 0.1 } }) });
 */
export const itemKnn = defineDomainModel({
  id: '@tandem-rec/model-neighbourhood#itemKnn',
  summary: 'Items that the same people met: counted event by event, or compared by cosine or BM25.',
  options,
  gives: ['predictions'],
  takes: [],
  create: (settings, environment) =>
    settings.similarity === 'recency'
      ? new CountedItemKnn(settings, countingOf(settings))
      : new ComparedItemKnn(settings, environment),
});
