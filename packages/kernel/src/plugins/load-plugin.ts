import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isPlugin, TandemError, type PluginFactory, type PluginKind, type z } from '@tandem-rec/contract';
import { importFrom } from '../import-from.ts';
import { nearest } from '../nearest.ts';
import { sameContractLine } from './contract-range.ts';
import type { Installed, InstalledPlugin } from './discover-plugins.ts';

/** A plugin of any kind, loaded. */
export type LoadedPlugin = PluginFactory<PluginKind, z.ZodType>;

/**
 * The plugin behind `use`: `<package>#<export>`, `./file.ts#<export>` from the configuration's folder, or a short name
 * where exactly one installed plugin of the kind has it; those seen from the configuration's folder come first.
 *
 * Throws `TANDEM_CONFIG_UNKNOWN_PLUGIN`, `TANDEM_CONFIG_WRONG_PLUGIN_KIND`, `TANDEM_PLUGIN_INCOMPATIBLE` or
 * `TANDEM_PLUGIN_UNREADABLE`; `details` hold `allowed` and `nearest`.
 */
export async function loadPlugin(
  use: string,
  kind: PluginKind,
  folder: string,
  installed: Installed,
): Promise<LoadedPlugin> {
  const plugin = await load(use, kind, folder, installed);
  if (!sameContractLine(plugin.contract)) {
    throw new TandemError('TANDEM_PLUGIN_INCOMPATIBLE', `Plugin "${use}" was made with contract ${plugin.contract}.`);
  }
  if (plugin.kind !== kind) throw wrongKind(use, plugin.kind, kind, installed);
  return plugin;
}

async function load(use: string, kind: PluginKind, folder: string, installed: Installed): Promise<LoadedPlugin> {
  const hash = use.lastIndexOf('#');
  if (hash < 0) return loadInstalled(byShortName(use, kind, folder, installed));
  const [module, name] = [use.slice(0, hash), use.slice(hash + 1)];
  const known = installed.plugins.find((one) => one.id === use);
  if (known !== undefined) return loadInstalled(known);
  const refused = installed.rejected.find((one) => one.package === module);
  if (refused !== undefined)
    throw new TandemError(refused.code, `Package "${module}" cannot be used: ${refused.reason}.`);
  const file = /^(\.{0,2}\/|[A-Za-z]:[\\/])/.test(module);
  try {
    return pick(await importFrom(folder, file ? pathToFileURL(resolve(folder, module)).href : module), name, use);
  } catch (error) {
    if (TandemError.is(error)) throw error;
    if (isMissing(error, module))
      throw unknown(
        use,
        kind,
        installed,
        file ? `There is no file ${module}.` : `Package "${module}" is not installed.`,
      );
    throw unreadable(use, error);
  }
}

/** Loads a discovered plugin. Throws `TANDEM_PLUGIN_UNREADABLE` or `TANDEM_CONFIG_UNKNOWN_PLUGIN`. */
export async function loadInstalled(plugin: InstalledPlugin): Promise<LoadedPlugin> {
  try {
    return pick(await importFrom(plugin.from, plugin.package), plugin.export, plugin.id);
  } catch (error) {
    throw TandemError.is(error) ? error : unreadable(plugin.id, error);
  }
}

function byShortName(use: string, kind: PluginKind, folder: string, installed: Installed): InstalledPlugin {
  const named = installed.plugins.filter((one) => one.export === use);
  const ofKind = named.filter((one) => one.kind === kind);
  // What the configuration's own folder sees comes before what Tandem brings along.
  const own = ofKind.filter((one) => one.from === folder);
  const fitting = own.length > 0 ? own : ofKind;
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length > 1) {
    const ids = fitting.map((one) => one.id).join(', ');
    throw new TandemError('TANDEM_CONFIG_UNKNOWN_PLUGIN', `Several installed plugins are called "${use}".`, {
      details: { allowed: ids },
    });
  }
  if (named.length > 0) throw wrongKind(use, named[0]!.kind, kind, installed);
  throw unknown(use, kind, installed, `No installed ${kind} is called "${use}".`);
}

function pick(module: Readonly<Record<string, unknown>>, name: string, use: string): LoadedPlugin {
  const found = module[name];
  if (isPlugin(found)) return found;
  const plugins = Object.keys(module).filter((key) => isPlugin(module[key]));
  throw new TandemError('TANDEM_CONFIG_UNKNOWN_PLUGIN', `"${use}": the module has no plugin called "${name}".`, {
    details: { allowed: plugins.join(', ') || 'none: it exports no plugins', nearest: nearest(name, plugins) },
  });
}

function unknown(use: string, kind: PluginKind, installed: Installed, message: string): TandemError {
  const ofKind = installed.plugins.filter((one) => one.kind === kind);
  const name = use.slice(use.lastIndexOf('#') + 1);
  const near =
    nearest(
      use,
      ofKind.map((one) => one.id),
    ) ??
    ofKind.find(
      (one) =>
        one.export ===
        nearest(
          name,
          ofKind.map((other) => other.export),
        ),
    )?.id;
  return new TandemError('TANDEM_CONFIG_UNKNOWN_PLUGIN', message, {
    details: { allowed: ofKind.map((one) => one.id).join(', ') || `none: no ${kind} is installed`, nearest: near },
  });
}

function wrongKind(use: string, is: PluginKind, wanted: PluginKind, installed: Installed): TandemError {
  const allowed = installed.plugins.filter((one) => one.kind === wanted).map((one) => one.id);
  return new TandemError('TANDEM_CONFIG_WRONG_PLUGIN_KIND', `"${use}" is a ${is}; a ${wanted} belongs here.`, {
    details: { allowed: allowed.join(', ') || `a ${wanted}` },
  });
}

function unreadable(use: string, cause: unknown): TandemError {
  return new TandemError(
    'TANDEM_PLUGIN_UNREADABLE',
    `Plugin "${use}" could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
}

/** The module itself is missing, not one that it imports. */
function isMissing(error: unknown, module: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' || code === 'ERR_INVALID_MODULE_SPECIFIER') return true;
  return code === 'ERR_MODULE_NOT_FOUND' && /imported from .*[\\/]tandem\.js$/.test(error.message) && module !== '';
}
