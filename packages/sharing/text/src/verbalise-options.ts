import { z } from '@tandem-rec/contract';
import { scheduleOptions } from '@tandem-rec/exchange';

/** Options of `verbalise`. */
export const verbaliseOptions = z.strictObject({
  items: z
    .strictObject({
      top: z.int().min(0).max(50).default(5).describe('Items named as near to one. 0: nothing is said about items.'),
      minCount: z
        .int()
        .min(1)
        .default(10)
        .describe('Nothing is said about, and no item named, that was met less often.'),
    })
    .prefault({})
    .describe('Item to item: whose vectors are near in the domain model.'),
  users: z
    .strictObject({
      top: z.int().min(0).max(50).default(5).describe('Items named for a user. 0: nothing is said about users.'),
      minCount: z.int().min(1).default(4).describe('Nothing is said about users who met fewer items.'),
    })
    .prefault({})
    .describe('User to item: what the domain model ranks first among what the user has not met.'),
  textLimit: z.int().min(8).max(1000).default(80).describe('Characters of an item’s text.'),
  weight: z.number().min(0).default(1).describe('Weight of the lessons.'),
  schedule: scheduleOptions
    .omit({ learners: true, turnBatches: true })
    .extend({
      fromEvents: z.int().min(0).default(3000).describe('Nothing is said before so many events were learned.'),
    })
    .prefault({}),
});

/** Validated options of `verbalise`. */
export type VerbaliseOptions = z.output<typeof verbaliseOptions>;
