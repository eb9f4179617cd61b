import type { Part, PluginKind, PluginUse } from '@tandem-rec/contract';
import type { Installed } from '../plugins/discover-plugins.ts';
import { Problems } from '../problem.ts';
import { makePart } from './make-part.ts';
import { resolveUse, searchIn } from './resolve-use.ts';

/**
 * One plugin outside a composition, for example the target of `tandem replay`: found by name or given as a use, options
 * validated. Throws `TANDEM_CONFIG_INVALID` as `compose` does.
 *
 * @param use A plugin called with options, a name, or `{ use, as?, options? }`.
 * @param folder Where names and relative paths start.
 */
export async function composePart<K extends PluginKind>(
  kind: K,
  use: PluginUse<K> | string | Readonly<Record<string, unknown>>,
  folder: string,
  options: { readonly installed?: Installed } = {},
): Promise<Part<K>> {
  const problems = new Problems(() => ({}));
  const search = searchIn(folder, options.installed);
  const resolved = await resolveUse(use, kind, [], search, problems);
  const part = resolved && (await makePart(resolved, search, problems));
  problems.throwIfAny(typeof use === 'string' ? use : undefined);
  return part!;
}
