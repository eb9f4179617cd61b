import { readdir } from 'node:fs/promises';
import type { Setting } from './types.ts';

/** A setting with the family's file that it stands in. */
export interface FoundSetting extends Setting {
  readonly file: string;
}

export interface FoundSettings {
  /** By split, and in each by family. */
  readonly settings: readonly FoundSetting[];
  /** Files that could not be loaded, and why. */
  readonly broken: readonly { readonly file: string; readonly reason: string }[];
}

/** The settings of all families: every file of this folder that exports `settings`. */
export async function findSettings(): Promise<FoundSettings> {
  const families = /^(?!types\.|find-settings\.|.*\.(test|tmp|d)\.)[\w-]+\.[jt]s$/;
  const settings: FoundSetting[] = [];
  const broken: FoundSettings['broken'][number][] = [];
  for (const file of (await readdir(new URL('.', import.meta.url))).filter((name) => families.test(name)).toSorted())
    try {
      settings.push(...(await loadSettings(file)).map((setting) => ({ ...setting, file })));
    } catch (error) {
      broken.push({ file, reason: error instanceof Error ? error.message : String(error) });
    }
  return { settings: settings.toSorted((a, b) => a.split.localeCompare(b.split)), broken };
}

/** The settings of one family's file. */
export async function loadSettings(file: string): Promise<readonly Setting[]> {
  const { settings } = (await import(new URL(file, import.meta.url).href)) as { settings?: readonly Setting[] };
  if (settings === undefined) throw new Error('It exports no `settings`.');
  return settings;
}
