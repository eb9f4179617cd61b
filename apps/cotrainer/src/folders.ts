import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where derived data, weights and datasets are. */
export interface Folders {
  readonly cache: string;
  readonly models: string | undefined;
  readonly data: string | undefined;
}

/**
 * `TANDEM_CACHE`, `TANDEM_MODELS` and `TANDEM_DATA`; by default the user's cache folder, and `shared/models` and
 * `shared/data` beside the workspace that `from` lies in, if they exist.
 */
export function findFolders(env: NodeJS.ProcessEnv = process.env, from: string = process.cwd()): Folders {
  const cache = env['TANDEM_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tandem');
  return {
    cache,
    models: env['TANDEM_MODELS'] ?? beside(from, 'models'),
    data: env['TANDEM_DATA'] ?? beside(from, 'data'),
  };
}

function beside(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, '..', 'shared', name);
    if (existsSync(join(folder, 'nx.json')) && existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}
