import { relative, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { PLUGIN_KINDS, type PluginKind } from '@tandem-rec/contract';
import { pluginNames } from '../create/plugin-names.ts';
import { writePluginPackage } from '../create/write-plugin-package.ts';
import { jsonOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';

const EXAMPLES = `
Examples:
  tandem create plugin domain-model my-model
  tandem create plugin interaction-source @films/firehose --dir ../firehose

Writes a complete npm package: the smallest working plugin of its kind, its conformance test, what it takes to build,
test and publish it.`;

/** `tandem create`: where new things begin. */
export function createCommand(): Command {
  return new Command('create')
    .description('Begin something new.')
    .addCommand(pluginCommand())
    .addHelpText('after', EXAMPLES);
}

function pluginCommand(): Command {
  return new Command('plugin')
    .description('Write the package of a new plugin.')
    .addArgument(new Argument('<kind>', 'what kind of plugin').choices(PLUGIN_KINDS))
    .argument('<name>', 'name of its package, for example my-model or @films/my-model')
    .option('--dir <dir>', 'folder of the package, which must not exist (default: the name, here)')
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .action(createPlugin);
}

async function createPlugin(
  kind: PluginKind,
  name: string,
  { dir, json }: { readonly dir?: string; readonly json?: string },
): Promise<void> {
  const terminal = new Terminal(json);
  const names = pluginNames(name);
  const folder = resolve(dir ?? names.file);
  const files = await writePluginPackage(kind, names, folder);
  const shown = relative(process.cwd(), folder);
  terminal.say(
    [
      `A ${kind} called ${names.factory} is in ${shown.startsWith('..') ? folder : shown}:`,
      ...files.map((file) => `  ${file}`),
      '',
      `Next: cd ${shown.startsWith('..') ? folder : shown} && npm install && npm test`,
    ].join('\n'),
  );
  await terminal.json({ kind, package: names.package, plugin: names.factory, folder, files });
}
