import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TandemError, type PluginKind } from '@tandem-rec/contract';
import type { PluginNames } from './plugin-names.ts';

/** Working packages, one for each kind of plugin, called `my-plugin`; what all of them have is in `common`. */
const TEMPLATES = fileURLToPath(new URL('../../templates', import.meta.url));

/** How a configuration uses a plugin of each kind. */
const USAGE: Readonly<Record<PluginKind, string>> = {
  'domain-model': 'domain: myPlugin',
  'language-model': 'domain: fism\nlanguage: myPlugin',
  'sharing-strategy': 'domain: fism\nlanguage: transformer\nsharing: myPlugin',
  fusion: 'domain: [fism, itemKnn]\nfusion: myPlugin',
  'interaction-source': 'domain: fism\nsource: { use: myPlugin, options: { file: events.jsonl } }',
  'checkpoint-store': 'domain: fism\nstore: { use: myPlugin, options: { folder: runs/first } }',
  'dataset-reader': 'domain: fism\ndataset: { use: myPlugin, options: { file: clicks.txt } }',
};

/**
 * Writes a complete package with a working plugin. It appears all at once, or not at all.
 *
 * @param target Folder of the package; must not exist.
 * @returns its files, relative to it
 * @throws TandemError `TANDEM_CLI_EXISTS` · `TANDEM_CLI_USAGE` if a name is taken in the plugin's code, or the folder cannot be written
 */
export async function writePluginPackage(
  kind: PluginKind,
  names: PluginNames,
  target: string,
): Promise<readonly string[]> {
  if (existsSync(target))
    throw new TandemError('TANDEM_CLI_EXISTS', `${target} exists already.`, { details: { target } });
  const staging = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    await mkdir(dirname(target), { recursive: true });
    for (const template of ['common', kind]) await cp(join(TEMPLATES, template), staging, { recursive: true });
    const source = await readFile(join(staging, 'src/my-plugin.ts'), 'utf8');
    refuseTakenNames(source, names);
    const files = (await readdir(staging, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files) await personalise(file, kind, summaryOf(source), names);
    await rename(staging, target);
    return files.map((file) => renamed(relative(staging, file), names)).sort();
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (TandemError.is(error) || !(error instanceof Error)) throw error;
    throw new TandemError('TANDEM_CLI_USAGE', `${target}: ${error.message}`, {
      cause: error,
      remedy: 'Choose a folder that can be written with --dir.',
    });
  }
}

async function personalise(file: string, kind: PluginKind, summary: string, names: PluginNames): Promise<void> {
  const template = await readFile(file, 'utf8');
  const text =
    basename(file) === 'package.json' ? withPlugin(template, kind, summary) : template.replace('USAGE', USAGE[kind]);
  const own = text
    // A module beside this one goes by the name of its file.
    .replaceAll('./my-plugin.', `./${names.file}.`)
    .replaceAll('src/my-plugin.', `src/${names.file}.`)
    .replaceAll("'my-plugin-'", `'${names.file}-'`)
    .replaceAll('my-plugin', names.package)
    .replaceAll('myPlugin', names.factory)
    .replaceAll('MyPlugin', names.type);
  await writeFile(join(dirname(file), renamed(basename(file), names)), own);
  if (renamed(basename(file), names) !== basename(file)) await rm(file);
}

function withPlugin(manifest: string, kind: PluginKind, summary: string): string {
  const read = JSON.parse(manifest) as { readonly tandem: object };
  const written = {
    ...read,
    description: summary,
    tandem: { ...read.tandem, plugins: { myPlugin: { kind, summary } } },
  };
  return `${JSON.stringify(written, undefined, 2)}\n`;
}

/** npm leaves `.gitignore` out of packages. */
const renamed = (path: string, { file }: PluginNames): string =>
  path.replace('my-plugin', file).replace(/^gitignore$/, '.gitignore');

const summaryOf = (source: string): string => /summary: '(.*)'/.exec(source)![1]!;

/** A plugin called `fusion` would have a class with the name of a type that it imports. */
function refuseTakenNames(source: string, { factory, type }: PluginNames): void {
  const imported = [...source.matchAll(/import \{([^}]*)\}/g)].flatMap(([, list]) =>
    list!.split(',').map((name) => name.trim().replace(/^type /, '')),
  );
  const classes = [...source.matchAll(/class MyPlugin(\w*)/g)].map(([, suffix]) => `${type}${suffix}`);
  const taken = [factory, ...classes].find((name) => imported.includes(name));
  if (taken !== undefined)
    throw new TandemError('TANDEM_CLI_USAGE', `"${taken}" is a name of the contract.`, {
      remedy: 'Choose another name, for example with a word before it.',
    });
}
