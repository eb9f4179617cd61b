import { z } from 'zod';

import { MAX_ID_LENGTH } from './decode-record.ts';
import { parseIsoTime } from './event-time.ts';

const id = z.union([
  z
    .string()
    .min(1)
    .max(MAX_ID_LENGTH)
    .refine((text) => text.isWellFormed(), 'A text without lone surrogates.'),
  z.int(),
]);

const interaction = z.looseObject({
  type: z.literal('interaction').optional(),
  user: id.describe('Who.'),
  item: id.describe('What.'),
  at: z
    .union([
      z.number(),
      z.string().refine((text) => !Number.isNaN(parseIsoTime(text)), 'ISO 8601 with Z or an offset.'),
    ])
    .describe('When: milliseconds since 1970-01-01 UTC, or ISO 8601 with its offset.'),
  kind: z.string().min(1).optional().describe('What happened, for example `rating`. Default: `interaction`.'),
  value: z.number().optional().describe('How strongly, for example stars. Default: 1.'),
  id: id.optional().describe('Identity of the event: a second one with it is ignored.'),
});

const item = z.looseObject({
  type: z.literal('item'),
  item: id.describe('Which item this describes.'),
  text: z
    .union([z.string(), z.record(z.string(), z.string())])
    .optional()
    .describe('Its title, or texts by field in reading order.'),
  categories: z.array(z.string()).optional(),
});

/** The wire format as a schema, for documentation and for producers. `decodeRecord` accepts the same, and checks times against rules. */
export const recordSchema = z.union([interaction, item]);
