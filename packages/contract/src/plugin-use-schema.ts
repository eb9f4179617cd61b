import { z } from 'zod';
import { isPluginUse, type PluginKind, type PluginUse } from './plugin.ts';

/**
 * A plugin among the options of another: `replay({ dataset: movielens100k() })`. In YAML its name, or
 * `{ use, as?, options? }`, as everywhere else. Its own options are validated with it, so that all errors of a
 * configuration are found at once; the output's `options` have their defaults.
 *
 * @example options: z.strictObject({ dataset: pluginUseSchema('dataset-reader').describe('What is played.') })
 */
export const pluginUseSchema = <K extends PluginKind>(kind: K) =>
  z
    .custom<PluginUse<K>>((value) => isPluginUse(value) && value.kind === kind, { error: `Expected a ${kind}` })
    // The mark by which the kernel knows where a name stands for a plugin, and the JSON Schema what may stand there.
    .meta({ pluginKind: kind })
    .transform((use, context): PluginUse<K> => {
      const checked = use.definition.options.safeParse(use.options);
      if (checked.success) return { ...use, options: checked.data };
      for (const { message, path } of checked.error.issues)
        context.addIssue({ code: 'custom', message, path: ['options', ...path], input: use.options });
      return z.NEVER;
    });
