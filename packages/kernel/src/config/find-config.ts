import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TandemError } from '@tandem-rec/contract';

/** Names of configuration files, in the order in which a folder is searched. */
export const CONFIG_FILES = ['ts', 'mts', 'js', 'mjs', 'yaml', 'yml', 'json'].map(
  (extension) => `tandem.config.${extension}`,
);

/** The configuration file of a folder, absolute; undefined if it has none. */
export async function findConfig(folder: string): Promise<string | undefined> {
  for (const name of CONFIG_FILES) {
    const file = resolve(folder, name);
    if ((await kindOf(file)) === 'file') return file;
  }
  return undefined;
}

/** The file that a path names, itself or as the folder it is in. Throws `TANDEM_CONFIG_NOT_FOUND`. */
export async function resolveConfig(path: string): Promise<string> {
  const kind = await kindOf(path);
  const file = kind === 'file' ? resolve(path) : kind === 'folder' ? await findConfig(path) : undefined;
  if (file !== undefined) return file;
  throw new TandemError(
    'TANDEM_CONFIG_NOT_FOUND',
    kind === 'folder'
      ? `There is no configuration in ${resolve(path)}. Looked for: ${CONFIG_FILES.join(', ')}.`
      : `There is no file ${resolve(path)}.`,
    {
      details: {
        path: resolve(path),
        ...(kind === 'folder' ? { tried: CONFIG_FILES.map((name) => join(resolve(path), name)) } : {}),
      },
    },
  );
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'none'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'none';
  }
}
