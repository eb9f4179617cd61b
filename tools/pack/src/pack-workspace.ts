import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { run } from './run.ts';
import { stage } from './stage.ts';
import { publishablePackages, root } from './workspace-package.ts';

/**
 * Builds every publishable package and packs each into a tarball as npm would publish it.
 *
 * @param into folder of the tarballs; made where it does not exist
 * @returns the tarballs' paths, by package name in alphabetical order
 */
export async function packWorkspace(into: string): Promise<ReadonlyMap<string, string>> {
  const packages = publishablePackages();
  const configs = packages.map(({ folder }) => join(folder, 'tsconfig.lib.json'));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--build', ...configs]);

  const folder = resolve(into);
  mkdirSync(folder, { recursive: true });
  const staging = mkdtempSync(join(tmpdir(), 'tandem-pack-'));
  try {
    const staged = packages.map((one) => stage(one, staging));
    const packed = await run('npm', ['pack', ...staged, '--pack-destination', folder, '--json', '--loglevel=error']);
    return new Map(tarballNames(packed).map(({ name, filename }) => [name, join(folder, filename)]));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

interface Packed {
  readonly name: string;
  readonly filename: string;
}

function tarballNames(npmOutput: string): readonly Packed[] {
  const packed = JSON.parse(npmOutput) as readonly Packed[] | Readonly<Record<string, Packed>>;
  return Object.values(packed);
}
