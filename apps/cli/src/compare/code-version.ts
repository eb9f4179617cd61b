import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Composition } from '@tandem-rec/contract';

/**
 * A hash of the code that a composition's results come from: its plugins' packages, those that train them, and all that
 * these depend on. An installed package counts by its version; one that is linked, as in a workspace, by its source files.
 * Where a plugin's package cannot be found, it stands beside the configuration: then that folder's files count.
 */
export async function codeVersion({ participants, sharing, fusions, source, folder }: Composition): Promise<string> {
  const parts = [...participants, ...(sharing ? [sharing] : []), ...fusions, ...(source ? [source] : [])];
  const wanted = new Map<string, string>([['@tandem-rec/cotrainer', import.meta.filename]]);
  for (const { id } of parts) wanted.set(id.slice(0, id.lastIndexOf('#')), join(folder, 'x.js'));
  const hash = createHash('sha256');
  const done = new Set<string>();
  let homeless = false;
  for (const [name, from] of [...wanted].toSorted()) homeless = !(await addPackage(hash, name, from, done)) || homeless;
  if (homeless) await addFiles(hash, folder, false);
  return hash.digest('hex');
}

async function addPackage(hash: Hash, name: string, from: string, done: Set<string>): Promise<boolean> {
  const file = whereIs(name, from);
  if (file === undefined) return false;
  const home = dirname(await realpath(file));
  if (done.has(home)) return true;
  done.add(home);
  const { version, dependencies = {} } = JSON.parse(await readFile(file, 'utf8')) as {
    readonly version?: string;
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  hash.update(`\n${name}@${version}\n`);
  if (home.includes(`${sep}node_modules${sep}`)) return true;
  await addFiles(hash, existsSync(join(home, 'src')) ? join(home, 'src') : home, true);
  for (const needed of Object.keys(dependencies).toSorted())
    await addPackage(hash, needed, join(home, 'package.json'), done);
  return true;
}

function whereIs(name: string, from: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(from));
  } catch {
    return undefined;
  }
}

const SOURCE = /\.[cm]?[jt]s$/;
const NO_SOURCE = /\.(test|test-d|d)\.[cm]?ts$/;

async function addFiles(hash: Hash, folder: string, deep: boolean): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && deep && entry.name !== 'node_modules') await addFiles(hash, path, true);
    else if (entry.isFile() && SOURCE.test(entry.name) && !NO_SOURCE.test(entry.name))
      hash.update(`${entry.name}\n`).update(await readFile(path));
  }
}
