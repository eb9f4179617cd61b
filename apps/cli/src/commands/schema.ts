import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { TandemError } from '@tandem-rec/contract';
import { jsonSchema } from '@tandem-rec/kernel';
import { loadPlugins } from '../load-plugins.ts';
import { Terminal } from '../terminal.ts';

const EXAMPLES = `
Examples:
  tandem schema --out tandem.schema.json
  tandem schema | less

The first line of a configuration then tells the editor:
  # yaml-language-server: $schema=./tandem.schema.json`;

interface SchemaFlags {
  readonly out?: string;
  readonly json?: string;
}

/** `tandem schema`: the JSON Schema of the YAML form, from the installed plugins' own option schemas. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description(
      'Write the JSON Schema of the YAML form of a configuration, with the options of every installed plugin.',
    )
    .option('--out <file>', 'where to write it (default: standard output)')
    .addOption(new Option('--json <file>', 'the same as --out; - is standard output').conflicts('out'))
    .addHelpText('after', EXAMPLES)
    .action(writeSchema);
}

async function writeSchema({ out, json }: SchemaFlags): Promise<void> {
  const terminal = new Terminal('-');
  const { usable, unusable } = await loadPlugins(process.cwd());
  for (const { name, reason } of unusable) terminal.note(`Left out: ${name}: ${reason}`);
  const text = `${JSON.stringify(jsonSchema(usable.map(({ plugin }) => plugin)), undefined, 2)}\n`;
  const file = out ?? json ?? '-';
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  await writeFile(file, text).catch((error: Error) => {
    throw new TandemError('TANDEM_CLI_USAGE', `${file}: ${error.message}`);
  });
  terminal.say(`The schema of ${usable.length} plugins is in ${file}.`);
}
