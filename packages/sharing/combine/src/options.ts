import { pluginUseSchema, z, type PluginUse } from '@tandem-rec/contract';
import { optionalGuard, scheduleOptions } from '@tandem-rec/exchange';

/** Options of `combine`. */
export const combineOptions = z.strictObject({
  strategies: z
    .array(
      z.strictObject({
        use: pluginUseSchema('sharing-strategy').describe('A strategy with its options.'),
        weight: z
          .number()
          .min(0)
          .default(1)
          .describe('Factor on the weight of its lessons and pulls. 0: it is left out, births of rows included.'),
        schedule: scheduleOptions.prefault({}).describe('When it is heard, how loud, and by whom.'),
        guard: optionalGuard.describe(
          'For strategies that have none of their own: their lessons of predictions weigh what they were measured to bring.',
        ),
      }),
    )
    .min(1)
    .superRefine((strategies, context) => {
      const names = strategies.map(({ use }) => strategyName(use));
      for (const [at, name] of names.entries())
        if (names.indexOf(name) < at)
          context.addIssue({
            code: 'custom',
            message: `Two strategies are called "${name}": give one of them a name with "as"`,
            path: [at, 'use'],
          });
    })
    .describe('In the order in which their pulls of rows act.'),
});

/** Validated options of `combine`. */
export type CombineOptions = z.output<typeof combineOptions>;

/** One strategy of the list. */
export type StrategyOptions = CombineOptions['strategies'][number];

/** The name under which a strategy's state is kept: as chosen, or that of the plugin. */
export const strategyName = ({ as, id }: PluginUse): string => as ?? id.slice(id.lastIndexOf('#') + 1);
