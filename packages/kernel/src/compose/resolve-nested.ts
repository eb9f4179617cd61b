import type { PluginKind, PluginUse } from '@tandem-rec/contract';
import { OptionSchema } from '../option-schema.ts';
import type { Path } from '../path.ts';
import { isPlainObject } from '../plain.ts';
import type { Problems } from '../problem.ts';
import { checkOptions } from './check-options.ts';
import { resolveUse, type PluginSearch } from './resolve-use.ts';

/**
 * Options in which plugins stand wherever the schema marks a place for one (`pluginUseSchema`), by whatever name they
 * were written. They are validated here, each under its own path; what is wrong becomes problems.
 *
 * @param path Where the options stand in the configuration.
 */
export function resolveNested(
  options: unknown,
  words: OptionSchema,
  path: Path,
  search: PluginSearch,
  problems: Problems,
): Promise<unknown> {
  const resolve = async (value: unknown, inside: Path): Promise<unknown> => {
    const kind = words.pluginKind(inside);
    if (kind !== undefined)
      return value === undefined ? value : pluginAt(value, kind, [...path, ...inside], search, problems);
    // One after the other: problems are listed in the order of the file.
    if (Array.isArray(value)) {
      const resolved: unknown[] = [];
      for (const [at, inner] of value.entries()) resolved.push(await resolve(inner, [...inside, at]));
      return resolved;
    }
    if (!isPlainObject(value)) return value;
    const resolved: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(value)) resolved[key] = await resolve(inner, [...inside, key]);
    return resolved;
  };
  return resolve(options, []);
}

/** The plugin at a place, with options as written: the schema that it stands in fills in their defaults. */
async function pluginAt(
  raw: unknown,
  kind: PluginKind,
  path: Path,
  search: PluginSearch,
  problems: Problems,
): Promise<unknown> {
  const use = await resolveUse(raw, kind, path, search, problems);
  if (use === undefined) return raw;
  const { as, definition } = use;
  const words = new OptionSchema(definition.options);
  const within = [...path, 'options'];
  const options = await resolveNested(use.options, words, within, search, problems);
  const { id } = definition;
  await checkOptions(definition.options, words, options, { of: id, plugin: id, path: within }, problems);
  return {
    $type: '@tandem-rec/plugin-use',
    contract: use.contract,
    kind,
    id,
    ...(as === undefined ? {} : { as }),
    options,
    definition,
  } satisfies PluginUse;
}
