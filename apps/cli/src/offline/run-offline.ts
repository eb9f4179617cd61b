import { TandemError, type CatalogueItem, type Composition } from '@tandem-rec/contract';
import { openTensorBackend, SeededRng } from '@tandem-rec/compute';
import {
  composeVariant,
  createHost,
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

export interface OfflineContext {
  readonly terminal: Terminal;
  readonly log: LogLevel;
  readonly signal: AbortSignal;
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
  title: string,
  context: OfflineContext,
): Promise<readonly OfflineResult[]> {
  const composition = await composeVariant(request);
  const host = hostOf(composition, context);
  await openTensorBackend({
    ...(composition.backend && { prefer: composition.backend }),
    threads: composition.limits.threads,
    log: host.log('compute'),
  });
  const assembly = await start(composition, host, ['participants', 'sharing', 'fusions']);
  try {
    const startedMs = performance.now();
    const training = new OfflineCoTraining(tableOf(assembly, host), data.split, data.items, {
      evaluation: composition.evaluation,
      historyLimit: composition.training.history.limit,
      signal: context.signal,
      cpuMs,
      onProgress: (progress) => show(progress, title, startedMs, context.terminal),
    });
    return await training.run();
  } finally {
    await assembly.stop();
  }
}

/** CPU milliseconds of this process. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function show(
  { epoch, epochs, validation, losses }: OfflineProgress,
  title: string,
  startedMs: number,
  terminal: Terminal,
): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  const experts = Object.entries(validation).map(([name, ndcg]) => `${name} ${metric(ndcg)}`);
  const loss = Object.entries(losses).map(([name, value]) => `${name} ${value.toFixed(3)}`);
  terminal.progress([
    `${title}: epoch ${epoch} of at most ${epochs}, ${seconds} s`,
    `  validation NDCG ${experts.join(' · ') || 'none'}`,
    `  loss ${loss.join(' · ') || '–'}`,
  ]);
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
