import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Manifest } from './publishable-manifest.ts';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface WorkspacePackage {
  readonly name: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Every package of the workspace that is not private, by name. */
export function publishablePackages(): readonly WorkspacePackage[] {
  const workspaces = readManifest(root)['workspaces'] as readonly string[];
  return globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  )
    .map((file) => join(root, file, '..'))
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest['private'] !== true)
    .map(({ folder, manifest }) => ({ name: String(manifest['name']), folder, manifest }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
