import { isPlugin, isPluginUse, TandemError, z, type DefinitionOf, type PluginKind } from '@tandem-rec/contract';
import { OptionSchema } from '../option-schema.ts';
import type { Path } from '../path.ts';
import { isPlainObject } from '../plain.ts';
import { sameContractLine } from '../plugins/contract-range.ts';
import { discoverPlugins, type Installed } from '../plugins/discover-plugins.ts';
import { loadPlugin } from '../plugins/load-plugin.ts';
import type { Problems } from '../problem.ts';
import { checkOptions } from './check-options.ts';
import { summarise } from './summarise.ts';

/** A plugin at its place in the configuration, options as written. */
export interface ResolvedUse<K extends PluginKind = PluginKind> {
  readonly kind: K;
  readonly contract: string;
  readonly as: string | undefined;
  readonly options: unknown;
  readonly definition: DefinitionOf<K>;
  readonly path: Path;
}

/** What finding plugins by name needs. */
export interface PluginSearch {
  readonly folder: string;
  /** Searched when the first name is met, and once. */
  readonly installed: () => Promise<Installed>;
}

/** Looks in a folder, and in what is installed around it: as given, or discovered. */
export function searchIn(folder: string, installed: Installed | undefined): PluginSearch {
  let found: Promise<Installed> | undefined;
  return {
    folder,
    installed: () => (found ??= installed === undefined ? discoverPlugins(folder) : Promise.resolve(installed)),
  };
}

const referenceSchema = z.strictObject({
  use: z.string().min(1),
  as: z.string().optional(),
  options: z.unknown().optional(),
});
const referenceWords = new OptionSchema(referenceSchema);

/** What stands at a plugin's place, as a plugin of the kind that belongs there; problems otherwise. */
export async function resolveUse<K extends PluginKind>(
  raw: unknown,
  kind: K,
  path: Path,
  search: PluginSearch,
  problems: Problems,
): Promise<ResolvedUse<K> | undefined> {
  if (isPluginUse(raw)) {
    if (!sameContractLine(raw.contract)) {
      problems.add(path, {
        code: 'TANDEM_PLUGIN_INCOMPATIBLE',
        message: `Plugin ${raw.id} was made with contract ${raw.contract}.`,
        plugin: raw.id,
      });
      return undefined;
    }
    if (raw.kind !== kind) {
      problems.add(path, {
        code: 'TANDEM_CONFIG_WRONG_PLUGIN_KIND',
        message: `${raw.id} is a ${raw.kind}; a ${kind} belongs here.`,
        received: raw.kind,
        allowed: `a ${kind}`,
        plugin: raw.id,
      });
      return undefined;
    }
    const { contract, as, options = {}, definition } = raw;
    return { kind, contract, as, options, definition: definition as DefinitionOf<K>, path };
  }
  if (typeof raw === 'string')
    return byName({ use: raw, as: undefined, options: {} }, kind, path, path, search, problems);
  if (isPlainObject(raw)) {
    const checked = { of: `a ${kind}`, path };
    const reference = (await checkOptions(referenceSchema, referenceWords, raw, checked, problems)) as
      z.output<typeof referenceSchema> | undefined;
    return (
      reference &&
      byName(
        { use: reference.use, as: reference.as, options: reference.options ?? {} },
        kind,
        path,
        [...path, 'use'],
        search,
        problems,
      )
    );
  }
  problems.add(path, {
    code: 'TANDEM_CONFIG_WRONG_VALUE',
    message: isPlugin(raw)
      ? `The plugin ${raw.definition.id} was not called: write ${nameOf(raw.definition.id)}().`
      : `This is not a ${kind}.`,
    received: summarise(raw),
    allowed: `a ${kind}: a plugin called with its options, or { use, as?, options? }`,
  });
  return undefined;
}

/** The part of an id after `#`. */
export const nameOf = (id: string): string => id.slice(id.lastIndexOf('#') + 1);

async function byName<K extends PluginKind>(
  reference: { readonly use: string; readonly as: string | undefined; readonly options: unknown },
  kind: K,
  path: Path,
  usePath: Path,
  search: PluginSearch,
  problems: Problems,
): Promise<ResolvedUse<K> | undefined> {
  try {
    const plugin = await loadPlugin(reference.use, kind, search.folder, await search.installed());
    return {
      kind,
      contract: plugin.contract,
      as: reference.as,
      options: reference.options,
      definition: plugin.definition as DefinitionOf<K>,
      path,
    };
  } catch (error) {
    if (!TandemError.is(error)) throw error;
    const { allowed, nearest } = error.details as { allowed?: string; nearest?: string };
    problems.add(usePath, {
      code: error.code,
      message: error.message,
      received: reference.use,
      ...(allowed === undefined ? {} : { allowed }),
      ...(nearest === undefined ? {} : { nearest }),
      plugin: reference.use,
    });
    return undefined;
  }
}
