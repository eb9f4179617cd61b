import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { TandemError } from '@tandem-rec/contract';
import { nearest } from '@tandem-rec/kernel';
import { benchModels, type ModelReport } from './bench-models.ts';
import { benchGrowth } from './growth/bench-growth.ts';
import { GROWTH_MODELS } from './growth/growth-models.ts';
import { numbersText, printReport } from '../print-report.ts';
import { mergedReports } from './merge-reports.ts';
import { PEER_LIBRARIES } from './peers/peer-settings.ts';
import { measureRatings, RATING_MODELS } from './ratings.ts';
import { modelsHtml, withFigures } from './report/report-files.ts';
import { modelsText } from './report/report-text.ts';
import { restingSettings, streamedSettings } from './streamed-settings.ts';
import { measureStreams, STREAM_MODELS } from './streams.ts';
import { benchTopK } from './top-k/bench-top-k.ts';
import { findSettings, type FoundSettings } from './settings/find-settings.ts';
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
  --epochs <n>      instead of the tuned number, of ours and of the peers
  --threads <n>     threads a model may use (default: 1)
  --peers           run the other libraries too, each with one thread, on the same rows: implicit, LightFM and numpy in a
                    Python environment made for them in the cache folder, RecBole in another (5.6 GB with PyTorch), Gorse
                    where Go is; says which is missing and why
  --peer <library>  only this one of them, may be repeated: ${PEER_LIBRARIES.join(', ')}
  --valid           rank validation instead of the test part, to tune
  --list            show the settings and how they were tuned, and run nothing
  --from <file>     report what an earlier --json says instead of running, may be repeated: of the same rows the newest
                    stays, and beside it every peer that one of the runs measured
  --json <file>     the numbers for machines, kept up to date while it runs; - is standard output
  --html <file>     tables and plots in one file
  --markdown <file> writes the tables between the marks of a page, such as docs/models.md
  --help

Instead of training the models at rest, any of these, each for all of its models or those of --model:
  --streamed        train them as a stream, one pass in the order of time, and rank the same test part
  --streams         measure the streaming models test-then-train on MovieLens
  --ratings         AUC and log-loss of models of features on MovieLens 100K
  --growth          time one pass of bpr, ials and lightgcn over 10⁴ … synthetic interactions
  --max <n>         most interactions of --growth (default: 10000000)
  --top-k           time exact lists by inner products

Examples:
  npm run bench -- models --split S1
  npm run bench -- models --split S3 --model sasrec
  npm run bench -- models --split S2 --peers
  npm run bench -- models --split S2 --model lightgcn --peer recbole
  npm run bench -- models --model bpr --model ials --json bench.json
  npm run bench -- models --growth --max 1000000 --json growth.json
  npm run bench -- models --from bench.json --from growth.json --markdown docs/models.md --html bench.html`;

/** `npm run bench -- models`. Answers the exit code: 1 where something could not be measured. */
export async function modelsCommand(args: readonly string[]): Promise<number> {
  const { values } = parsed(args);
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const report = values.from.length > 0 ? await read(values.from) : await measured(values);
  if (report === undefined) return 0;
  await printReport(report, modelsText(report), values.json);
  if (values.html !== undefined) await writeFile(values.html, modelsHtml(report));
  if (values.markdown !== undefined) {
    const page = await readFile(values.markdown, 'utf8').catch(() => '');
    await writeFile(values.markdown, withFigures(page, report));
  }
  return report.failed.length === 0 ? 0 : 1;
}

/** Runs what was asked for; nothing for `--list`. */
async function measured(values: Values): Promise<ModelReport | undefined> {
  const found = await findSettings();
  if (values.list) {
    const settings = chosen(found.settings, values.split, values.model);
    console.log(settings.map(({ split, model, tuned }) => `${split} ${model}: ${tuned}`).join('\n'));
    return undefined;
  }
  const note = console.error;
  const file = values.json === '-' ? undefined : values.json;
  for (const library of values.peer) known('peer', library, PEER_LIBRARIES);
  const peers = values.peer.length > 0 ? values.peer : values.peers ? PEER_LIBRARIES : [];
  const report = await benchModels(settingsFor(values, found.settings), {
    ...(values.epochs !== undefined && { epochs: count('epochs', values.epochs) }),
    part: values.valid ? 'valid' : 'test',
    threads: count('threads', values.threads),
    peers,
    ...(file !== undefined && { keep: (soFar) => writeFile(file, numbersText(soFar)) }),
    note,
  });
  const broken = found.broken.map(({ file: family, reason }) => ({ split: 'any', model: family, reason }));
  const { model: asked } = values;
  const rated = values.ratings
    ? await measureRatings(only('ratings', asked, RATING_MODELS), { peers: peers.includes('recbole'), note })
    : undefined;
  const grown = values.growth
    ? await benchGrowth(Object.keys(only('growth', asked, GROWTH_MODELS)), count('max', values.max), note)
    : undefined;
  return {
    ...report,
    failed: [...broken, ...report.failed, ...(grown?.failed ?? [])],
    ...(values.streams && { streams: await measureStreams({ models: only('streams', asked, STREAM_MODELS), note }) }),
    ...(rated && { ratings: rated.ratings, missingPeers: rated.missingPeers }),
    ...(grown && { growth: grown.growth }),
    ...(values['top-k'] && { topK: await benchTopK(note) }),
  };
}

/** What is trained and ranked: at rest, as a stream, or nothing where another measurement was asked for. */
function settingsFor(values: Values, all: FoundSettings['settings']): FoundSettings['settings'] {
  if (values.streamed) return chosen(streamedSettings(all), values.split, values.model);
  if (values.streams || values.ratings || values.growth || values['top-k']) return [];
  return chosen(restingSettings(all), values.split, values.model);
}

/** Those of a measurement's models that were asked for; all if none was. */
function only<T>(what: string, names: readonly string[], all: Readonly<Record<string, T>>): Record<string, T> {
  for (const name of names) known(`model of --${what}`, name, Object.keys(all));
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.length === 0 || names.includes(name)));
}

/** Reports of earlier runs. */
async function read(files: readonly string[]): Promise<ModelReport> {
  const reports: ModelReport[] = [];
  for (const file of files)
    try {
      reports.push(JSON.parse(await readFile(file, 'utf8')) as ModelReport);
    } catch (error) {
      throw new TandemError('TANDEM_CLI_USAGE', `--from ${file}: ${error instanceof Error ? error.message : error}`);
    }
  return mergedReports(reports as [ModelReport, ...ModelReport[]]);
}

type Values = ReturnType<typeof parsed>['values'];

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
        peer: { type: 'string', multiple: true, default: [] },
        valid: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        growth: { type: 'boolean', default: false },
        'top-k': { type: 'boolean', default: false },
        streams: { type: 'boolean', default: false },
        streamed: { type: 'boolean', default: false },
        ratings: { type: 'boolean', default: false },
        max: { type: 'string', default: '10000000' },
        from: { type: 'string', multiple: true, default: [] },
        json: { type: 'string' },
        html: { type: 'string' },
        markdown: { type: 'string' },
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
