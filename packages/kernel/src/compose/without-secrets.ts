import { isPluginUse } from '@tandem-rec/contract';
import { OptionSchema } from '../option-schema.ts';
import type { Path } from '../path.ts';
import { isPlainObject } from '../plain.ts';

/**
 * A copy of options with `<secret>` in place of every secret, whether written out or referred to, and plugins among them
 * as configurations write them.
 */
export function withoutSecrets(value: unknown, words: OptionSchema, path: Path = []): unknown {
  if (value !== undefined && words.isSecret(path)) return '<secret>';
  if (isPluginUse(value)) {
    const { id: use, as, options, definition } = value;
    return {
      use,
      ...(as === undefined ? {} : { as }),
      options: withoutSecrets(options, new OptionSchema(definition.options)),
    };
  }
  if (Array.isArray(value)) return value.map((inner, at) => withoutSecrets(inner, words, [...path, at]));
  if (isPlainObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner, words, [...path, key])]),
    );
  return value;
}
