import { Command } from 'commander';
import { SeededRng } from '@tandem-rec/compute';
import { composeVariant, type LogLevel } from '@tandem-rec/cotrainer';
import type { OfflineResult } from '@tandem-rec/cotraining';
import { countEvents } from '@tandem-rec/data';
import { bootstrapMean, sliceByItem, sliceByUser, type Slice } from '@tandem-rec/evaluation';
import { EMBEDDED_CONFIG } from '../default-config.ts';
import { interruptible } from '../interruption.ts';
import { dataText, loadData, offlineProgressLines, runOffline } from '../offline/run-offline.ts';
import { jsonOption, logOption, setOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';
import { integer, metric, textTable } from '../text-table.ts';

interface Options {
  readonly json?: string;
  readonly slices: boolean;
  readonly set: readonly string[];
  readonly log: LogLevel;
}

/** `tandem evaluate [config]` */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Train the configured models on a dataset and rank the whole catalogue for held-out interactions.')
    .argument('[config]', 'configuration file with a `dataset`; default: the embedded configuration', EMBEDDED_CONFIG)
    .option('--slices', 'show NDCG by how often items and users occur in the training part, too', false)
    .addOption(jsonOption())
    .addOption(setOption())
    .addOption(logOption('info'))
    .addHelpText(
      'after',
      `
Each expert is tested at the epoch that was best for it on validation. Intervals are 95 %, bootstrapped over users.
UAUC is the mean of the users' AUC: the chance that a user's test item is above another item that the user has not met.

Examples:
  tandem evaluate --slices
  tandem evaluate docs/examples/movielens.config.ts --json -
  tandem evaluate tandem.config.ts --set evaluation.epochs=20`,
    )
    .action((config: string, options: Options) => interruptible((signal) => evaluate(config, options, signal)));
}

async function evaluate(config: string, { json, slices, set, log }: Options, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal(json);
  const context = { terminal, log, signal };
  const request = { config, overrides: set };
  const composition = await composeVariant(request);
  const data = await loadData(composition, context);
  terminal.note(dataText(data));
  const startedMs = performance.now();
  const { results } = await runOffline(request, data, context, (progress) =>
    terminal.milestone(offlineProgressLines(progress, composition.name, startedMs)),
  );
  const { cutoff, resamples } = composition.evaluation;
  const counts = countEvents(data.split, ['train']);
  const rows = results.map((result) => resultRow(result, counts, cutoff, resamples));
  const table = rows.map((row) => [
    `${row.name} (${row.side})`,
    metric(row[`ndcg@${cutoff}`] as number),
    `[${row.interval.map(metric).join(', ')}]`,
    metric(row[`recall@${cutoff}`] as number),
    metric(row.mrr),
    metric(row.uauc),
    String(row.bestEpoch),
    row.cpuSeconds.toFixed(1),
  ]);
  terminal.say(textTable(['', `NDCG@${cutoff}`, '95 %', `recall@${cutoff}`, 'MRR', 'UAUC', 'epoch', 'CPU s'], table));
  if (slices) terminal.say(slicesText(rows, cutoff));
  const rssMb = process.resourceUsage().maxRSS / 1024;
  terminal.say(`Peak memory ${rssMb.toFixed(0)} MB.`);
  await terminal.json({
    split: data.split.name,
    dataset: data.split.table.name,
    results: rows.map((row) => ({ ...row, rssMb })),
  });
}

/** One expert's results as `--json` writes them. */
function resultRow(
  { name, side, scores, ndcg, recall, users, ranking, validationNdcg, bestEpoch, cpuMs }: OfflineResult,
  counts: ReturnType<typeof countEvents>,
  cutoff: number,
  resamples: number,
) {
  const { interval } = bootstrapMean(ndcg, { rng: new SeededRng(1, 'interval'), resamples });
  return {
    name,
    side,
    [`ndcg@${cutoff}`]: scores.ndcg,
    [`recall@${cutoff}`]: scores.recall,
    interval,
    mrr: scores.mrr,
    hitRate: scores.hitRate,
    uauc: scores.uauc,
    uaucLeftOut: scores.uaucLeftOut,
    users: users.length,
    [`validation-ndcg@${cutoff}`]: validationNdcg,
    bestEpoch,
    cpuSeconds: cpuMs / 1000,
    slices: {
      byItemPopularity: sliceByItem(ranking, counts.items, cutoff).map((slice) => sliceRow(slice, cutoff)),
      byUserHistory: sliceByUser(ranking, { ndcg, recall }, counts.users).map((slice) => sliceRow(slice, cutoff)),
    },
  };
}

/** Means are null where nothing is in the slice. */
const sliceRow = ({ label, count, ndcg, recall }: Slice, cutoff: number) => ({
  label,
  count,
  [`ndcg@${cutoff}`]: count > 0 ? ndcg : null,
  [`recall@${cutoff}`]: count > 0 ? recall : null,
});

const SLICINGS = [
  { by: 'byItemPopularity', head: 'by users who met the item', what: 'test items' },
  { by: 'byUserHistory', head: 'by items that the user met', what: 'test users' },
] as const;

/** NDCG of everybody by slice, a column for each slice that holds something. */
function slicesText(rows: readonly ReturnType<typeof resultRow>[], cutoff: number): string {
  const tables = SLICINGS.map(({ by, head, what }) => {
    const columns = rows[0].slices[by].flatMap(({ count }, at) => (count > 0 ? [at] : []));
    const first = rows[0].slices[by];
    return textTable(
      [`NDCG@${cutoff}, ${head}`, ...columns.map((at) => first[at].label)],
      [
        [what, ...columns.map((at) => integer(first[at].count))],
        ...rows.map(({ name, side, slices }) => [
          `${name} (${side})`,
          ...columns.map((at) => metric(slices[by][at][`ndcg@${cutoff}`] as number)),
        ]),
      ],
    );
  });
  return `\n${tables.join('\n\n')}\n`;
}
