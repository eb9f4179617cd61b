import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { TandemError } from '@tandem-rec/contract';
import { compare, type CompareOptions } from '../compare/compare.ts';
import { reportHtml } from '../compare/report/report-html.ts';
import { reportText } from '../compare/report/report-text.ts';
import { EMBEDDED_CONFIG } from '../default-config.ts';
import { interruptible } from '../interruption.ts';
import { jsonOption, logOption, setOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';

interface Options extends Omit<CompareOptions, 'config' | 'overrides'> {
  readonly json?: string;
  readonly html?: string;
  readonly set: readonly string[];
}

/** `tandem compare [config]` */
export function compareCommand(): Command {
  return new Command('compare')
    .description(
      'Train each side alone, both without an exchange (the control), then with one or several exchanges, and say what each side gained, with what certainty, where, and at what cost.',
    )
    .argument('[config]', 'configuration file with a `dataset`; default: the embedded configuration', EMBEDDED_CONFIG)
    .option(
      '--seeds <list>',
      'seeds to repeat everything with, for example 1,2,3; default: `evaluation.seeds`, or the seed of the configuration',
      parseSeeds,
    )
    .option(
      '--strategies <names>',
      'exchanges to compare, for example bridge,mutual; default: `comparison.strategies`, or `sharing`',
      (text: string) => text.split(',').map((name) => name.trim()),
    )
    .option(
      '--permuted',
      'train every exchange with permuted texts as well: what it still gains is not from words',
      false,
    )
    .option(
      '--stream',
      'one pass over the dataset, or the source, as a stream: every event tested, then learned',
      false,
    )
    .option('--html <file>', 'also write a report with plots: one file that loads nothing')
    .option(
      '--jobs <count>',
      'trainings side by side, each in a process; default: as cores allow, at most 4',
      parseJobs,
    )
    .option('--results <folder>', 'where finished trainings are kept, and found again', '.tandem/compare')
    .option('--fresh', 'train everything anew, also what is kept', false)
    .option('--despite-leaks', 'go on although the data holds the answers', false)
    .addOption(jsonOption())
    .addOption(setOption())
    .addOption(logOption('info'))
    .addHelpText(
      'after',
      `
The gain of a side is the relative change of NDCG over the control: the same models, seeds, batches and epochs at one
table, with no exchange between them. The fusion's control is the ensemble of the independent models. Intervals are 95 %,
a paired bootstrap over users and seeds; a star means significant after correction for all gains shown.

Every training has a key of its composition, seed, data and code. What is finished is kept and not trained again: an
interrupted comparison goes on, and another strategy or seed costs only what is new. Before anything is trained the data
is looked over for leaks.

Examples:
  tandem compare docs/examples/movielens.config.ts --seeds 1,2,3 --html report.html
  tandem compare tandem.config.ts --strategies bridge,mutual --permuted
  tandem compare docs/examples/movielens-stream.config.ts --stream --seeds 1,2,3 --json result.json
  tandem compare tandem.config.ts --set evaluation.epochs=5 --jobs 1`,
    )
    .action((config: string, options: Options) => interruptible((signal) => run(config, options, signal)));
}

async function run(config: string, { json, html, set, ...options }: Options, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal(json);
  const compared = await compare({ config, overrides: set, ...options }, terminal, signal);
  terminal.say(reportText(compared));
  await terminal.json(compared);
  if (html === undefined) return;
  await writeFile(html, reportHtml(compared)).catch((error: Error) => {
    throw new TandemError('TANDEM_CLI_USAGE', `--html ${html}: ${error.message}`);
  });
  terminal.note(`Wrote ${html}.`);
}

function parseSeeds(text: string): readonly number[] {
  const seeds = text.split(',').map(Number);
  if (seeds.some((seed) => !Number.isInteger(seed)))
    throw new TandemError('TANDEM_CLI_USAGE', `--seeds ${text}: whole numbers with commas between them.`);
  return [...new Set(seeds)];
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1) throw new InvalidArgumentError('Use a whole number from 1.');
  return jobs;
}
