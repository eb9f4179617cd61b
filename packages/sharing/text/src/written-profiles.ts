import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError, type Environment, type Rng } from '@tandem-rec/contract';
import type { ProfileOptions } from './profile-options.ts';

type FromFile = Extract<ProfileOptions['items'], { readonly from: 'file' }>;

/** How many lines that could not be read are named. */
const NAMED = 3;

/**
 * Profiles that somebody has written before, by item id. Lines that cannot be read are counted, named and left out.
 * Throws `TANDEM_DATASET_MISSING`, and `TANDEM_DATASET_UNREADABLE` where not one line can be read.
 */
export async function readProfiles(
  { file, id, text, permute }: FromFile,
  env: Environment,
): Promise<ReadonlyMap<string, string>> {
  const path = [env.resolvePath(file), ...(env.dataFolder === undefined ? [] : [join(env.dataFolder, file)])].find(
    existsSync,
  );
  if (path === undefined)
    throw new TandemError('TANDEM_DATASET_MISSING', `${env.name}: there is no file of profiles ${file}.`, {
      remedy: 'Correct `file`: it is relative to the configuration, or to the folder of datasets (TANDEM_DATA).',
    });
  const profiles = new Map<string, string>();
  const wrong: number[] = [];
  for (const [at, line] of (await readFile(path, 'utf8')).split('\n').entries()) {
    if (line.trim() === '') continue;
    const [key, profile] = parsed(line, id, text);
    if (key === undefined || profile === undefined) wrong.push(at + 1);
    else profiles.set(key, profile);
  }
  if (profiles.size === 0)
    throw new TandemError('TANDEM_DATASET_UNREADABLE', `${path}: no line has the fields "${id}" and "${text}".`);
  if (wrong.length > 0)
    env.log.warn('Profiles that could not be read are left out.', {
      file: path,
      count: wrong.length,
      lines: wrong.slice(0, NAMED),
    });
  return permute ? permuted(profiles, env.rng.fork('permuted')) : profiles;
}

function parsed(line: string, id: string, text: string): readonly [id?: string, text?: string] {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return [];
  }
  if (typeof row !== 'object' || row === null) return [];
  const { [id]: key, [text]: written } = row as Readonly<Record<string, unknown>>;
  const words = Array.isArray(written) ? written.filter((word) => typeof word === 'string').join(', ') : written;
  return [
    typeof key === 'string' || Number.isSafeInteger(key) ? String(key) : undefined,
    typeof words === 'string' && words.trim() !== '' ? words : undefined,
  ];
}

/** Everybody gets another's, in one cycle (Sattolo's shuffle). */
function permuted(profiles: ReadonlyMap<string, string>, rng: Rng): ReadonlyMap<string, string> {
  const texts = [...profiles.values()];
  for (let last = texts.length - 1; last > 0; last--) {
    const other = rng.int(last);
    [texts[last], texts[other]] = [texts[other], texts[last]];
  }
  return new Map([...profiles.keys()].map((id, at) => [id, texts[at]]));
}
