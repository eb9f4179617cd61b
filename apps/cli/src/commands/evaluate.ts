import { Command } from 'commander';
import { SeededRng } from '@tandem-rec/compute';
import { composeVariant, type LogLevel } from '@tandem-rec/cotrainer';
import type { OfflineResult } from '@tandem-rec/cotraining';
import { bootstrapMean } from '@tandem-rec/evaluation';
import { EMBEDDED_CONFIG } from '../demo/demonstrate.ts';
import { interruptible } from '../interruption.ts';
import { dataText, loadData, runOffline } from '../offline/run-offline.ts';
import { jsonOption, logOption, setOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';
import { metric, textTable } from '../text-table.ts';

interface Options {
  readonly json?: string;
  readonly set: readonly string[];
  readonly log: LogLevel;
}

/** `tandem evaluate [config]` */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Train the configured models on a dataset and rank the whole catalogue for held-out interactions.')
    .argument('[config]', 'configuration file with a `dataset`; default: the embedded configuration', EMBEDDED_CONFIG)
    .addOption(jsonOption())
    .addOption(setOption())
    .addOption(logOption())
    .addHelpText(
      'after',
      `
Each expert is tested at the epoch that was best for it on validation. Intervals are 95 %, bootstrapped over users.

Examples:
  tandem evaluate docs/examples/movielens.config.ts --json -
  tandem evaluate tandem.config.ts --set evaluation.epochs=20`,
    )
    .action((config: string, options: Options) => interruptible((signal) => evaluate(config, options, signal)));
}

async function evaluate(config: string, { json, set, log }: Options, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal(json);
  const context = { terminal, log, signal };
  const request = { config, overrides: set };
  const composition = await composeVariant(request);
  const data = await loadData(composition, context);
  terminal.note(dataText(data));
  const results = await runOffline(request, data, composition.name, context);
  const { cutoff, resamples } = composition.evaluation;
  const rows = results.map((result) => resultRow(result, cutoff, resamples));
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
  { name, side, scores, ndcg, users, validationNdcg, bestEpoch, cpuMs }: OfflineResult,
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
    users: users.length,
    [`validation-ndcg@${cutoff}`]: validationNdcg,
    bestEpoch,
    cpuSeconds: cpuMs / 1000,
  };
}
