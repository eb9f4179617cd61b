import { TandemError } from '@tandem-rec/contract';
import {
  discoverPlugins,
  loadInstalled,
  type InstalledPlugin,
  type LoadedPlugin,
  type RejectedPackage,
} from '@tandem-rec/kernel';

/** Every installed plugin, its code loaded, and what cannot be used with why. */
export interface LoadedPlugins {
  readonly usable: readonly { readonly installed: InstalledPlugin; readonly plugin: LoadedPlugin }[];
  readonly unusable: readonly Unusable[];
}

export interface Unusable {
  /** Id of a plugin, or name of a package. */
  readonly name: string;
  readonly code: string;
  readonly reason: string;
}

/** Looks where a configuration in `folder` would, and loads what it finds. */
export async function loadPlugins(folder: string): Promise<LoadedPlugins> {
  const { plugins, rejected } = await discoverPlugins(folder);
  const usable: LoadedPlugins['usable'][number][] = [];
  const unusable: Unusable[] = rejected.map(({ package: name, code, reason }: RejectedPackage) => ({
    name,
    code,
    reason,
  }));
  for (const installed of plugins) {
    try {
      usable.push({ installed, plugin: await loadInstalled(installed) });
    } catch (error) {
      if (!TandemError.is(error)) throw error;
      unusable.push({ name: installed.id, code: error.code, reason: error.message });
    }
  }
  return { usable, unusable };
}
