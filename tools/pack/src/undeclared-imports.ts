import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';

import type { Manifest } from './publishable-manifest.ts';

const DECLARING_FIELDS = ['dependencies', 'peerDependencies', 'optionalDependencies'];

/**
 * Packages that the built files import, in code or only in types, and the manifest does not declare: in the workspace
 * they are found anyway, at a user's they may not be.
 */
export function undeclaredImports(folder: string, manifest: Manifest): readonly string[] {
  const declared = new Set([
    String(manifest['name']),
    ...DECLARING_FIELDS.flatMap((field) => Object.keys(manifest[field] ?? {})),
  ]);
  const imported = globSync('dist/**/*.{js,d.ts}', { cwd: folder }).flatMap((file) =>
    packagesIn(readFileSync(join(folder, file), 'utf8')),
  );
  return [...new Set(imported)].filter((name) => !declared.has(name)).sort();
}

/** The packages that a file imports, without Node's own and relative paths. */
export function packagesIn(text: string): readonly string[] {
  return ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .map((specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'));
}
