import { Command, InvalidArgumentError, Option } from 'commander';
import { openTensorBackend } from '@tandem-rec/compute';
import type { Composition, Part } from '@tandem-rec/contract';
import { composeVariant, createHost, lineText, type LogLevel } from '@tandem-rec/cotrainer';
import { start, startPart, type Host, type StartedNode } from '@tandem-rec/kernel';
import { EMBEDDED_CONFIG } from '../default-config.ts';
import { compositionTree } from '../inspect/composition-tree.ts';
import { reportRun, type RunReport } from '../inspect/run-report.ts';
import { needsOf, teachingOf } from '../inspect/teaching.ts';
import { treeLines } from '../inspect/text-tree.ts';
import { interruptible } from '../interruption.ts';
import { jsonOption, logOption, setOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';
import { integer, textTable } from '../text-table.ts';

const EXAMPLES = `
Examples:
  tandem inspect                          the embedded configuration
  tandem inspect tandem.config.ts --start also start every part, and say how long each takes
  tandem inspect tandem.config.ts --dead-letters 20

Nothing is locked or written: the run may be going on.`;

interface InspectFlags {
  readonly start?: boolean;
  readonly deadLetters: number;
  readonly set: readonly string[];
  readonly json?: string;
  readonly log: LogLevel;
}

/** `tandem inspect`: a composition as a tree, and how its run stands. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Show who sits at the table, who teaches what to whom, and how the run stands.')
    .argument('[config]', 'configuration file, or a folder with tandem.config.*; default: the embedded one')
    .option('--start', 'also start every part, show how long each took, and stop them again')
    .addOption(
      new Option('--dead-letters <n>', 'list so many of the newest records that could not be used')
        .argParser(count)
        .default(0, 'only their number'),
    )
    .addOption(setOption())
    .addOption(jsonOption())
    .addOption(logOption())
    .addHelpText('after', EXAMPLES)
    .action(inspect);
}

function inspect(config: string | undefined, flags: InspectFlags): Promise<void> {
  return interruptible(async (signal) => {
    const terminal = new Terminal(flags.json);
    const composition = await composeVariant({ config: config ?? EMBEDDED_CONFIG, overrides: flags.set });
    const host = createHost({
      seed: composition.seed,
      signal,
      logLevel: flags.log,
      write: (line) => terminal.note(lineText(line)),
    });
    terminal.say(treeLines(compositionTree(composition)).join('\n'));

    const run = await reportOf(composition, flags.deadLetters, host);
    if (run !== undefined) terminal.say(`\n${runText(run)}`);

    const started = flags.start ? await startAll(composition, host) : undefined;
    if (started !== undefined) terminal.say(`\n${startedText(started)}`);

    await terminal.json({ ...factsOf(composition), ...(run && { run }), ...(started && { started }) });
  });
}

async function reportOf(composition: Composition, letters: number, host: Host): Promise<RunReport | undefined> {
  if (composition.store === undefined) return undefined;
  const store = await startPart(composition.store, composition, host);
  try {
    return await reportRun(store.instance, composition, letters);
  } finally {
    await store.stop();
  }
}

interface StartedTree {
  readonly backend: string;
  readonly backendMs: number;
  readonly parts: readonly StartedNode[];
}

async function startAll(composition: Composition, host: Host): Promise<StartedTree> {
  const { backend, limits } = composition;
  const beforeMs = host.clock.monotonicMs();
  const { identity } = await openTensorBackend({
    ...(backend && { prefer: backend }),
    threads: limits.threads,
    log: host.log('compute'),
  });
  const backendMs = host.clock.monotonicMs() - beforeMs;
  const assembly = await start(composition, host);
  const failures = await assembly.stop();
  if (failures[0] !== undefined) throw failures[0];
  return { backend: identity, backendMs, parts: assembly.tree() };
}

function runText({ checkpoint, deadLetters }: RunReport): string {
  const lines = checkpoint === undefined ? ['The run has no checkpoint yet.'] : checkpointLines(checkpoint);
  lines.push(`Dead letters: ${integer(deadLetters.count)}`);
  for (const { partition, offset, code, reason, value } of deadLetters.newest) {
    lines.push(`  partition ${partition}, offset ${offset}: ${code}: ${reason}`);
    lines.push(`    ${value === null ? 'a tombstone' : value.length > 200 ? `${value.slice(0, 200)}…` : value}`);
  }
  return lines.join('\n');
}

function checkpointLines({
  sequence,
  atMs,
  events,
  bytes,
  platform,
  differences,
}: NonNullable<RunReport['checkpoint']>): string[] {
  const where = Object.entries(platform).map(([key, value]) => `${key} ${String(value)}`);
  return [
    `Newest checkpoint: ${sequence}, ${new Date(atMs).toISOString()}, ${integer(events)} events, ${(bytes / 1e6).toFixed(1)} MB`,
    `  written on ${where.join(', ')}`,
    ...(differences.length === 0
      ? []
      : ['  by another composition, it cannot be resumed with this one:', ...differences.map((line) => `    ${line}`)]),
  ];
}

const startedText = ({ backend, backendMs, parts }: StartedTree): string =>
  textTable(
    ['started, in this order', 'kind', 'milliseconds'],
    [
      [backend, 'tensor backend', backendMs.toFixed(0)],
      ...parts.map(({ name, kind, ms }) => [name, kind, ms.toFixed(0)]),
    ],
  );

function factsOf(composition: Composition): Record<string, unknown> {
  const named = (part: Part | undefined) => (part === undefined ? null : { name: part.name, plugin: part.id });
  const { name, seed, hash, description, participants, sharing, fusions, source, catalogue, dataset, store, backend } =
    composition;
  return {
    name,
    seed,
    hash,
    participants: participants.map(({ name: own, id, role, gives, takes, tables }) => ({
      name: own,
      plugin: id,
      role,
      gives,
      takes,
      tables,
    })),
    sharing:
      sharing === undefined
        ? null
        : { ...named(sharing), needs: needsOf(composition), teaching: teachingOf(composition) },
    fusions: fusions.map(named),
    source: named(source),
    catalogue: named(catalogue),
    dataset: named(dataset),
    store: named(store),
    backend: backend ?? null,
    description,
  };
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Use a whole number.');
  return Number(text);
}
