import { z } from '@tandem-rec/contract';

/** How times are written: without a zone of their own `iso` texts need `Z` or an offset. */
export const timeUnitOption = z
  .enum(['seconds', 'milliseconds', 'iso'])
  .default('milliseconds')
  .describe('How times are written: seconds or milliseconds since 1970, or ISO 8601 with its offset.');

export const encodingOption = z.enum(['utf-8', 'latin1']).default('utf-8').describe('Encoding of the files.');

export const partsOption = {
  valid: z
    .string()
    .optional()
    .describe('File of the validation part, if the dataset comes split; `file` is then the training part.'),
  test: z
    .string()
    .optional()
    .describe('File of the test part, if the dataset comes split; `file` is then the training part.'),
};

export const kindOption = z
  .string()
  .min(1)
  .default('interaction')
  .describe('Kind of the events where no column says it.');

/** Options that map columns of any addressing `C` to what an interaction has. */
export const interactionColumns = <C extends z.ZodType>(column: C) => ({
  user: column,
  item: column,
  at: column.optional().describe('Time of the event. Without it the order of the file is the order of events.'),
  kind: column.optional().describe('What happened.'),
  value: column.optional().describe('Strength, for example stars. Without it 1.'),
  id: column.optional().describe('Identity of the event.'),
});

/** Options that map columns of any addressing `C` to what an item has. */
export const itemColumns = <C extends z.ZodType>(column: C) => ({
  id: column.describe('The item.'),
  text: z
    .record(z.string().min(1), column)
    .default({})
    .describe('Text fields in reading order, for example `{ title: 2 }`.'),
  categories: column.optional(),
});
