import { TandemError, type Bridge, type CatalogueItem, type Composition } from '@tandem-rec/contract';
import { openTensorBackend, SeededRng } from '@tandem-rec/compute';
import {
  composeVariant,
  createHost,
  explained,
  lineText,
  tableOf,
  type CompositionRequest,
  type LogLevel,
} from '@tandem-rec/cotrainer';
import { OfflineCoTraining, type OfflineProgress, type OfflineResult } from '@tandem-rec/cotraining';
import { loadInteractions, loadItems, splitTable, type RowErrors, type Split } from '@tandem-rec/data';
import { start, startPart } from '@tandem-rec/kernel';
import type { Terminal } from '../terminal.ts';
import { integer, metric } from '../text-table.ts';

/** A dataset, split as the configuration says. Loaded once for all variants and seeds. */
export interface OfflineData {
  readonly split: Split;
  readonly items: readonly CatalogueItem[];
  readonly rowErrors: RowErrors;
  readonly leftOut: number;
}

/** Where offline work speaks, and what ends it. */
export interface OfflineContext {
  /** Notes are kept, progress may be drawn over. */
  readonly terminal: Pick<Terminal, 'note' | 'progress'>;
  readonly log: LogLevel;
  readonly signal: AbortSignal;
}

/** What became of a variant. */
export interface OfflineOutcome {
  readonly results: readonly OfflineResult[];
  /** What participants, strategy and fusions say they have learned, by name. */
  readonly explained: Readonly<Record<string, unknown>>;
}

/** Reads and splits the composition's dataset. Throws `TANDEM_CONFIG_INVALID` if it has none, and what the reader throws. */
export async function loadData(composition: Composition, context: OfflineContext): Promise<OfflineData> {
  if (!composition.dataset)
    throw new TandemError('TANDEM_CONFIG_INVALID', 'This needs a `dataset` in the configuration.', {
      remedy: 'Add one, for example dataset: movielens100k().',
    });
  const { evaluation } = composition;
  const host = hostOf(composition, context);
  const dataset = await startPart(composition.dataset, composition, host);
  try {
    const more = evaluation.minValue === undefined ? {} : { minValue: evaluation.minValue };
    const onProgress = (read: number): void =>
      context.terminal.progress([`Reading ${dataset.instance.name}: ${integer(read)} interactions`]);
    const { table, rowErrors, leftOut } = await loadInteractions(dataset.instance, {
      ...more,
      given: evaluation.split.by === 'given',
      signal: context.signal,
      onProgress,
    });
    const items = await loadItems(dataset.instance, { signal: context.signal });
    // The split has a seed of its own: seeds of a comparison share it.
    const split = splitTable(table, evaluation.split, new SeededRng(42, 'split'));
    return {
      split,
      items: items.items,
      rowErrors: {
        count: rowErrors.count + items.rowErrors.count,
        first: [...rowErrors.first, ...items.rowErrors.first],
      },
      leftOut,
    };
  } finally {
    await dataset.stop();
  }
}

/** Trains one variant of a configuration on loaded data and answers what each expert reached. */
export async function runOffline(
  request: CompositionRequest,
  data: OfflineData,
  context: OfflineContext,
  onProgress: (progress: OfflineProgress) => void,
  onReady?: (bridge: Bridge) => Promise<void>,
): Promise<OfflineOutcome> {
  const composition = await composeVariant(request);
  const host = hostOf(composition, context);
  await openTensorBackend({
    ...(composition.backend && { prefer: composition.backend }),
    threads: composition.limits.threads,
    log: host.log('compute'),
  });
  const assembly = await start(composition, host, ['participants', 'sharing', 'fusions']);
  try {
    const table = tableOf(assembly, host);
    const training = new OfflineCoTraining(table, data.split, data.items, {
      evaluation: composition.evaluation,
      historyLimit: composition.training.history.limit,
      signal: context.signal,
      cpuMs,
      log: host.log('training'),
      onProgress,
      ...(onReady && { onReady }),
    });
    return { results: await training.run(), explained: explained(table) };
  } finally {
    await assembly.stop();
  }
}

/** CPU milliseconds of this process. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** How far an offline training is: a line of its own, then validation and losses. */
export function offlineProgressLines(
  { epoch, epochs, validation, losses }: OfflineProgress,
  title: string,
  startedMs: number,
): readonly [string, string, string] {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  const experts = Object.entries(validation).map(([name, ndcg]) => `${name} ${metric(ndcg)}`);
  const loss = Object.entries(losses).map(([name, value]) => `${name} ${value.toFixed(3)}`);
  return [
    `${title}: epoch ${epoch} of at most ${epochs}, ${seconds} s`,
    `  validation NDCG ${experts.join(' · ') || 'none'}`,
    `  loss ${loss.join(' · ') || '–'}`,
  ];
}

const hostOf = (composition: Composition, { log, signal, terminal }: OfflineContext) =>
  createHost({ seed: composition.seed, signal, logLevel: log, write: (line) => terminal.note(lineText(line)) });

/** What was read, in one line; row errors with file and line. */
export function dataText({ split, rowErrors, leftOut }: OfflineData): string {
  const { table, train, valid, test } = split;
  const lines = [
    `${table.name}: ${integer(split.users)} users, ${integer(split.items)} items; ${integer(train.length)} interactions to learn from, ${integer(valid.length)} to validate, ${integer(test.length)} to test (${split.name}${leftOut > 0 ? `; ${integer(leftOut)} below the least value left out` : ''}).`,
  ];
  if (rowErrors.count > 0)
    lines.push(
      `${integer(rowErrors.count)} rows could not be read:`,
      ...rowErrors.first.map(({ file, line, reason }) => `  ${file}:${line}: ${reason}`),
    );
  return lines.join('\n');
}
