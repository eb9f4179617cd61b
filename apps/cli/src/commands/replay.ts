import { Command, InvalidArgumentError, Option } from 'commander';
import { limitsSchema, TandemError, type InteractionSink, type Part } from '@tandem-rec/contract';
import { createHost, lineText, systemClock, type LogLevel } from '@tandem-rec/cotrainer';
import { streamDataset, type DatasetStream } from '@tandem-rec/data';
import { composePart, loadConfig, startPart, startSink, type Frame, type Host, type Started } from '@tandem-rec/kernel';
import { EMBEDDED_CONFIG } from '../default-config.ts';
import { interruptible } from '../interruption.ts';
import { pluginOption, readPluginOptions } from '../plugin-options.ts';
import { parsePace, type Pace } from '../replay/pace.ts';
import { replayStream, type Sent } from '../replay/replay-stream.ts';
import { jsonOption, logOption, setOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';
import { integer } from '../text-table.ts';

const EXAMPLES = `
Examples:
  tandem replay movielens100k --to eventLog --source-option file=events.sqlite
  tandem replay movielens100k --min-value 4 --to kafka --source-option topic=events --source-option 'brokers=["127.0.0.1:9092"]'
  tandem replay config --to config --config tandem.config.ts --speed realtime×3600

Ctrl-C ends it after the batch under way. An interaction without an id gets one from its place in the whole dataset:
what is sent twice is learned once.`;

/** Milliseconds that a batch under way has, after Ctrl-C, before it is called off (a broker may be away). */
const GRACE_MS = 3000;

interface ReplayFlags {
  readonly to: string;
  readonly config?: string;
  readonly set: readonly string[];
  readonly speed: Pace;
  readonly limit: number;
  readonly minValue?: number;
  readonly items: boolean;
  readonly datasetOption: readonly string[];
  readonly sourceOption: readonly string[];
  readonly json?: string;
  readonly log: LogLevel;
}

/** `tandem replay`: a dataset as the stream it could have been, written to a source. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Send a dataset, in the order of time, to the writing end of a source.')
    .argument(
      '<dataset>',
      'a dataset reader by name, for example movielens100k; or "config" for the configuration’s dataset',
    )
    .requiredOption(
      '--to <source>',
      'a source by name, for example kafka or eventLog; or "config" for the configuration’s source',
    )
    .option('--config <file>', 'the configuration that "config" means (default: the embedded one)')
    .addOption(setOption())
    .addOption(pluginOption('--dataset-option', 'an option of the dataset reader'))
    .addOption(pluginOption('--source-option', 'an option of the source'))
    .addOption(
      new Option('--speed <speed>', 'max, records a second, or realtime×FACTOR')
        .argParser(paceOf)
        .default({ kind: 'max' } satisfies Pace, 'max'),
    )
    .addOption(
      new Option('--limit <n>', 'stop after this many interactions').argParser(wholeNumber).default(Infinity, 'all'),
    )
    .addOption(new Option('--min-value <n>', 'leave out interactions with a smaller value').argParser(finiteNumber))
    .option('--no-items', 'leave out the records that describe items')
    .addOption(jsonOption())
    .addOption(logOption())
    .addHelpText('after', EXAMPLES)
    .action(replay);
}

function replay(datasetName: string, flags: ReplayFlags): Promise<void> {
  return interruptible(async (signal) => {
    const terminal = new Terminal(flags.json);
    const host = createHost({ seed: 0, signal, logLevel: flags.log, write: (line) => terminal.note(lineText(line)) });
    const dataset = await find(
      'dataset-reader',
      'dataset',
      datasetName,
      flags,
      flags.datasetOption,
      '--dataset-option',
    );
    const target = await find('interaction-source', 'source', flags.to, flags, flags.sourceOption, '--source-option');
    const sink = await startSink(target.part, target.frame, host);
    try {
      const stream = await read(dataset, flags, host, terminal);
      if (stream !== undefined) await send(stream, sink, dataset.part, flags, host, terminal);
    } finally {
      await sink.stop();
    }
  });
}

interface Found<K extends 'dataset-reader' | 'interaction-source'> {
  readonly part: Part<K>;
  readonly frame: Frame;
}

async function find<K extends 'dataset-reader' | 'interaction-source'>(
  kind: K,
  key: 'dataset' | 'source',
  name: string,
  { config, set }: ReplayFlags,
  pairs: readonly string[],
  flag: string,
): Promise<Found<K>> {
  const limits = limitsSchema.parse({});
  if (name !== 'config') {
    const folder = process.cwd();
    return {
      part: await composePart(kind, { use: name, options: await readPluginOptions(pairs, flag) }, folder),
      frame: { folder, limits },
    };
  }
  if (pairs.length > 0)
    throw new TandemError(
      'TANDEM_CLI_USAGE',
      `${flag} is for a ${key} given by name; change that of the configuration with --set ${key}.options.….`,
    );
  const { value, file, folder } = await loadConfig(config ?? EMBEDDED_CONFIG, { overrides: set });
  const use = (value as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>)[key];
  if (use === undefined)
    throw new TandemError('TANDEM_CLI_USAGE', `${file} has no \`${key}\`.`, {
      remedy: `Add one, or name a ${kind} instead of "config".`,
    });
  return { part: await composePart(kind, use, folder), frame: { folder, limits } };
}

/** Undefined if it was interrupted. */
async function read(
  { part, frame }: Found<'dataset-reader'>,
  flags: ReplayFlags,
  host: Host,
  terminal: Terminal,
): Promise<DatasetStream | undefined> {
  const reader = await startPart(part, frame, host);
  try {
    return await streamDataset(reader.instance, {
      ...(flags.minValue !== undefined && { minValue: flags.minValue }),
      items: flags.items,
      signal: host.signal,
      onProgress: (count) => terminal.progress([`${part.name}: ${integer(count)} interactions read`]),
    });
  } catch (error) {
    if (!host.signal.aborted) throw error;
    terminal.say('Interrupted while reading: nothing was sent.');
    return undefined;
  } finally {
    await reader.stop();
  }
}

async function send(
  stream: DatasetStream,
  sink: Started<Part<'interaction-source'>, InteractionSink>,
  dataset: Part,
  flags: ReplayFlags,
  host: Host,
  terminal: Terminal,
): Promise<void> {
  const startMs = systemClock.monotonicMs();
  const seconds = (): number => (systemClock.monotonicMs() - startMs) / 1000;
  const wanted = Math.min(flags.limit, stream.interactions);
  let sent: Sent = { interactions: 0, items: 0 };
  host.signal.addEventListener('abort', () => setTimeout(() => void sink.stop(), GRACE_MS).unref(), { once: true });
  try {
    await replayStream(stream.records(), sink.instance, {
      pace: flags.speed,
      limit: flags.limit,
      clock: systemClock,
      signal: host.signal,
      onSent: (now) => {
        sent = now;
        const share = ((100 * sent.interactions) / wanted).toFixed(0);
        terminal.progress([
          `${integer(sent.interactions)} of ${integer(wanted)} interactions (${share} %) · ${integer(perSecond(sent, seconds()))} records/s`,
        ]);
      },
    });
  } catch (error) {
    // Called off after Ctrl-C: what was acknowledged is known.
    if (!host.signal.aborted) throw error;
  }
  const took = seconds();
  const { count, first } = stream.rowErrors;
  const finished = !host.signal.aborted;
  terminal.say(
    `${finished ? 'Sent' : 'Interrupted after'} ${integer(sent.interactions)} interactions and ${integer(sent.items)} items from ${dataset.name} to ${sink.part.name} in ${took.toFixed(1)} s.`,
  );
  if (count > 0) {
    terminal.say(`${integer(count)} rows of the dataset could not be read and were left out:`);
    for (const { file, line, reason } of first) terminal.say(`  ${file}:${line}: ${reason}`);
    if (count > first.length) terminal.say(`  … and ${integer(count - first.length)} more`);
  }
  await terminal.json({
    dataset: dataset.id,
    source: sink.part.id,
    ...sent,
    rowErrors: stream.rowErrors,
    seconds: took,
    recordsPerSecond: perSecond(sent, took),
    finished,
  });
}

const perSecond = ({ interactions, items }: Sent, seconds: number): number =>
  seconds > 0 ? (interactions + items) / seconds : 0;

function paceOf(text: string): Pace {
  const pace = parsePace(text);
  if (pace === undefined)
    throw new InvalidArgumentError('Use max, a number of records a second, realtime, or realtime×60.');
  return pace;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Use a whole number, at least 1.');
  return Number(text);
}

function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Use a number.');
  return value;
}
