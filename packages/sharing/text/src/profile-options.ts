import { pluginUseSchema, z } from '@tandem-rec/contract';

/** Options of `profile`. */
export const profileOptions = z.strictObject({
  use: pluginUseSchema('sharing-strategy').describe(
    'What happens with the vectors: a strategy that hands on the language side’s representations, for example align(), prior() or initialise(). It is told what profiles say instead.',
  ),
  items: z
    .discriminatedUnion('from', [
      z.strictObject({
        from: z.literal('file'),
        file: z
          .string()
          .min(1)
          .describe('JSON objects, one a line. Relative to the configuration, or to the folder of datasets.'),
        id: z.string().min(1).default('id').describe('Field with the item’s id.'),
        text: z.string().min(1).default('text').describe('Field with the profile: a text, or a list of texts.'),
        permute: z
          .boolean()
          .default(false)
          .describe(
            'The control: everybody gets somebody else’s profile. What is gained nevertheless is not knowledge.',
          ),
      }),
      z.strictObject({
        from: z.literal('describe'),
        participant: z.string().optional().describe('Who writes; default: the first language model that gives text.'),
      }),
    ])
    .describe('Where profiles of items come from. An item without one is described by its own text.'),
  users: z
    .enum(['history', 'describe'])
    .default('history')
    .describe(
      'What stands for a user: the mean of the profiles of what they met last, or a profile that the language side writes each time their past has doubled.',
    ),
  window: z.int().min(1).max(512).default(20).describe('Newest items of a past that stand for a user.'),
  encoder: z
    .string()
    .min(1)
    .default('all-MiniLM-L6-v2')
    .describe('The sentence encoder that reads profiles: a path, a folder of the models folder, or a hub id.'),
});

/** Validated options of `profile`. */
export type ProfileOptions = z.output<typeof profileOptions>;
