type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** A `package.json`. */
export type Manifest = { readonly [key: string]: Json };

/** The condition under which this workspace's packages are their sources. */
export const SOURCE_CONDITION = '@tandem-rec/source';

/** What only this workspace reads. */
const PRIVATE_FIELDS = ['devDependencies', 'nx', 'scripts'];

/**
 * The `package.json` to publish: without the source condition, which would break in a process that sets it (Node strips
 * no types under `node_modules`), without what only the workspace reads, and with commands that point at `dist`.
 */
export function publishableManifest(manifest: Manifest): Manifest {
  const published = Object.fromEntries(Object.entries(manifest).filter(([field]) => !PRIVATE_FIELDS.includes(field)));
  return {
    ...published,
    ...('exports' in published && { exports: withoutSourceCondition(published['exports']) }),
    ...('bin' in published && { bin: builtCommands(published['bin']) }),
    files: ['dist', 'src', ...extraFiles(manifest)],
  };
}

/** What a package publishes besides its code, for example templates: the rest of its `files`. */
export function extraFiles(manifest: Manifest): readonly string[] {
  const files = (manifest['files'] ?? []) as readonly string[];
  return files.filter((file) => file !== 'dist' && !file.startsWith('!'));
}

/** The files of the package's commands, such as `dist/main.js`. */
export function commandFiles(manifest: Manifest): readonly string[] {
  const bin = manifest['bin'] ?? {};
  const files = typeof bin === 'string' ? [bin] : Object.values(bin as { readonly [name: string]: string });
  return files.map((file) => file.replace(/^\.\//, ''));
}

function withoutSourceCondition(exports: Json): Json {
  if (!isObject(exports)) return exports;
  const kept = Object.entries(exports).filter(([condition]) => condition !== SOURCE_CONDITION);
  return Object.fromEntries(kept.map(([condition, target]) => [condition, withoutSourceCondition(target)]));
}

function builtCommands(bin: Json): Json {
  if (typeof bin === 'string') return built(bin);
  return Object.fromEntries(
    Object.entries(bin as { readonly [name: string]: string }).map(([name, file]) => [name, built(file)]),
  );
}

function built(file: string): string {
  return file.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '.js');
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
