import { isPluginUse, z, type PluginUse } from '@tandem-rec/contract';

/**
 * A dataset reader with its options, as an option of another plugin. Its own options are validated with it, so that
 * all errors of a configuration are still found at once.
 */
export const datasetUseSchema = z
  .custom<PluginUse<'dataset-reader'>>((value) => isPluginUse(value) && value.kind === 'dataset-reader', {
    error: 'Expected a dataset reader, for example movielens100k()',
  })
  .transform((use, context) => {
    const checked = use.definition.options.safeParse(use.options);
    if (checked.success) return { ...use, options: checked.data };
    for (const issue of checked.error.issues)
      context.addIssue({
        code: 'custom',
        message: issue.message,
        path: ['options', ...issue.path],
        input: use.options,
      });
    return z.NEVER;
  });
