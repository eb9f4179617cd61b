import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { TandemError } from '@tandem-rec/contract';
import { nearest } from '@tandem-rec/kernel';
import { benchModels } from './bench-models.ts';
import { modelsText } from './report-text.ts';
import { findSettings } from './settings/find-settings.ts';
import type { Setting } from './settings/types.ts';
import { SPLIT_NAMES, SPLITS } from './splits.ts';

const HELP = `Usage: npm run bench -- models [options]

Trains every model with its tuned settings on public data, each in a process of its own, ranks all items for everybody,
and prints quality beside the floor that tuned implementations of the same method reach, and speed beside theirs. Times
are CPU seconds. The datasets are looked for under TANDEM_DATA.

${SPLIT_NAMES.map((name) => `  ${name}  ${SPLITS[name].summary}`).join('\n')}

A row "<model>+v" is the same model with the validation items fed as history, without a refit.

Options:
  --split <name>    only this split, may be repeated
  --model <name>    only this model, may be repeated
  --epochs <n>      instead of the tuned number
  --threads <n>     threads a model may use (default: 1)
  --peers           run the other libraries too, each with one thread, on the same rows: implicit, LightFM and numpy in a
                    Python environment made for it in the cache folder, Gorse where Go is; says which is missing and why
  --valid           rank validation instead of the test part, to tune
  --list            show the settings and how they were tuned, and run nothing
  --json <file>     the numbers for machines; - is standard output
  --help

Examples:
  npm run bench -- models --split S1
  npm run bench -- models --split S3 --model sasrec
  npm run bench -- models --split S2 --peers
  npm run bench -- models --model bpr --model ials --json bench.json`;

/** `npm run bench -- models`. Answers the exit code: 1 where something could not be measured. */
export async function modelsCommand(args: readonly string[]): Promise<number> {
  const { values } = parsed(args);
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const found = await findSettings();
  for (const { file, reason } of found.broken) console.error(`The settings of ${file} could not be loaded: ${reason}`);
  const settings = chosen(found.settings, values.split, values.model);
  if (values.list) {
    console.log(settings.map(({ split, model, tuned }) => `${split} ${model}: ${tuned}`).join('\n'));
    return 0;
  }
  const report = await benchModels(settings, {
    ...(values.epochs !== undefined && { epochs: count('epochs', values.epochs) }),
    part: values.valid ? 'valid' : 'test',
    threads: count('threads', values.threads),
    peers: values.peers,
    note: console.error,
  });
  (values.json === '-' ? console.error : console.log)(modelsText(report));
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (values.json === '-') process.stdout.write(text);
  else if (values.json !== undefined) await writeFile(values.json, text);
  return report.failed.length + found.broken.length === 0 ? 0 : 1;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        split: { type: 'string', multiple: true, default: [] },
        model: { type: 'string', multiple: true, default: [] },
        epochs: { type: 'string' },
        threads: { type: 'string', default: '1' },
        peers: { type: 'boolean', default: false },
        valid: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new TandemError('TANDEM_CLI_USAGE', error instanceof Error ? error.message : String(error), {
      remedy: 'See npm run bench -- models --help.',
    });
  }
}

/** The settings asked for. Throws `TANDEM_CLI_USAGE`, with the nearest name, for what is not there. */
export function chosen<S extends Pick<Setting, 'split' | 'model'>>(
  all: readonly S[],
  splits: readonly string[],
  models: readonly string[],
): readonly S[] {
  for (const split of splits) known('split', split, SPLIT_NAMES);
  for (const model of models) known('model', model, [...new Set(all.map((setting) => setting.model))]);
  const found = all.filter(
    ({ split, model }) =>
      (splits.length === 0 || splits.includes(split)) && (models.length === 0 || models.includes(model)),
  );
  if (found.length === 0)
    throw new TandemError('TANDEM_CLI_USAGE', `${models.join(', ')} has no settings for ${splits.join(', ')}.`, {
      remedy: 'See npm run bench -- models --list.',
    });
  return found;
}

function known(what: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const meant = nearest(name, names);
  throw new TandemError(
    'TANDEM_CLI_USAGE',
    `There is no ${what} "${name}"${meant ? `; did you mean ${meant}?` : '.'}`,
    {
      remedy: `Those there are: ${names.join(', ')}.`,
    },
  );
}

function count(option: string, value: string): number {
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new TandemError('TANDEM_CLI_USAGE', `--${option} is a whole number from 1 on, not "${value}".`);
}
