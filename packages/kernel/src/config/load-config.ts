import { dirname, extname, resolve } from 'node:path';
import type { TandemConfig } from '@tandem-rec/contract';
import { renderPath, type Path } from '../path.ts';
import { frozenCopy } from '../plain.ts';
import type { Position } from '../problem.ts';
import { resolveConfig } from './find-config.ts';
import { applyOverrides, overridesFromEnvironment, overridesFromSettings } from './overrides.ts';
import { readDocument, type ConfigDocument } from './read-document.ts';
import { readModule } from './read-module.ts';

/** A configuration as it was written, overrides applied. Nothing has been validated and no plugin loaded by name. */
export interface LoadedConfig {
  readonly $type: '@tandem-rec/loaded-config';
  /** Frozen. Plugins are `PluginUse`s, or `{ use, as?, options? }`, or names. */
  readonly value: unknown;
  /** Absolute; undefined where the configuration was given as a value. */
  readonly file: string | undefined;
  /** What relative paths are relative to. */
  readonly folder: string;
  /** Where a path stands, for messages. */
  locate(path: Path, what: 'key' | 'value'): Position;
}

export interface LoadOptions {
  /** Settings such as `training.replay=1`, laid over the file and the environment; later ones win. */
  readonly overrides?: readonly string[];
  /** Where `TANDEM__…` variables are looked up. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder of a configuration that is given as a value. Default: the working directory. */
  readonly folder?: string;
}

/**
 * Reads a configuration: a file (TypeScript, JavaScript, YAML or JSON), a folder with a `tandem.config.*`, or the value
 * itself. Layers, later ones win: file, environment, overrides. No side effects: nothing is created.
 *
 * Throws `TANDEM_CONFIG_NOT_FOUND`, `TANDEM_CONFIG_UNREADABLE` (with file, line and column) or, for a malformed override,
 * `TANDEM_CLI_USAGE`. Everything else that can be wrong is found by `compose`, all at once.
 */
export async function loadConfig(where: string | TandemConfig, options: LoadOptions = {}): Promise<LoadedConfig> {
  const file = typeof where === 'string' ? await resolveConfig(where) : undefined;
  const document = typeof where === 'string' ? await readFileOfAnyKind(file!) : { value: where, locate: () => ({}) };
  const overrides = [
    ...overridesFromEnvironment(options.env ?? process.env),
    ...overridesFromSettings(options.overrides ?? []),
  ];
  const { value, places } = applyOverrides(document.value, overrides);
  return {
    $type: '@tandem-rec/loaded-config',
    value: frozenCopy(value),
    file,
    folder: file === undefined ? resolve(options.folder ?? process.cwd()) : dirname(file),
    locate: (path, what) => {
      const override = overriddenBy(path, places);
      return override === undefined ? document.locate(path, what) : { override };
    },
  };
}

async function readFileOfAnyKind(file: string): Promise<ConfigDocument> {
  if (['.yaml', '.yml', '.json'].includes(extname(file))) return readDocument(file);
  return { value: await readModule(file), locate: () => ({ file }) };
}

/** The override that set a path, or something around it. */
function overriddenBy(path: Path, places: ReadonlyMap<string, string>): string | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const name = places.get(renderPath(path.slice(0, length)));
    if (name !== undefined) return name;
  }
  return undefined;
}
