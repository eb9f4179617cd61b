import { Command } from 'commander';
import { TandemError, type Composition } from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { composeVariant, type LogLevel, type Variant } from '@tandem-rec/cotrainer';
import type { OfflineResult } from '@tandem-rec/cotraining';
import { mean, pairedBootstrap } from '@tandem-rec/evaluation';
import { EMBEDDED_CONFIG } from '../default-config.ts';
import { interruptible } from '../interruption.ts';
import { dataText, loadData, runOffline } from '../offline/run-offline.ts';
import { jsonOption, logOption, setOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';
import { metric, percent, textTable } from '../text-table.ts';

interface Options {
  readonly json?: string;
  readonly set: readonly string[];
  readonly log: LogLevel;
  readonly seeds?: readonly number[];
}

type Side = 'domain' | 'language' | 'fused';

/** Per-user results of one side in one variant, averaged over seeds. */
interface Outcome {
  readonly side: Side;
  readonly variant: 'alone' | 'control' | 'together';
  readonly name: string;
  readonly ndcg: Float64Array;
  readonly recall: Float64Array;
}

/** `tandem compare [config]` */
export function compareCommand(): Command {
  return new Command('compare')
    .description(
      'Train each side alone, both without the exchange (the control), then together, and say what each gained.',
    )
    .argument('[config]', 'configuration file with a `dataset`; default: the embedded configuration', EMBEDDED_CONFIG)
    .option(
      '--seeds <list>',
      'seeds to repeat everything with, for example 1,2,3; default: `evaluation.seeds`, or the seed of the configuration',
      parseSeeds,
    )
    .addOption(jsonOption())
    .addOption(setOption())
    .addOption(logOption())
    .addHelpText(
      'after',
      `
The gain of a side is the relative change of NDCG over the control: the same models, seeds, batches and epochs with no
exchange between them. That of the fusion is over the fusion of the control's models. Intervals are 95 %, a paired
bootstrap over users.

Examples:
  tandem compare docs/examples/movielens.config.ts --json -
  tandem compare tandem.config.ts --seeds 1,2,3`,
    )
    .action((config: string, options: Options) => interruptible((signal) => compare(config, options, signal)));
}

async function compare(config: string, { json, set, log, seeds }: Options, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal(json);
  const context = { terminal, log, signal };
  const composition = await composeVariant({ config, overrides: set });
  const names = sideNames(composition);
  const data = await loadData(composition, context);
  terminal.note(dataText(data));
  const runs = seeds ?? composition.evaluation.seeds ?? [composition.seed];
  const outcomes = new Map<string, Outcome[]>();
  for (const seed of runs)
    for (const { variant, trains, sides } of PLAN) {
      const title = `${variant === 'alone' ? `${sides[0]} alone` : variant}${runs.length > 1 ? `, seed ${seed}` : ''}`;
      const startedMs = performance.now();
      const results = await runOffline(
        { config, overrides: [...set, `seed=${seed}`], variant: trains },
        data,
        title,
        context,
      );
      const found = sides.map((side) => outcomeOf(results, side, variant, names[side]));
      for (const outcome of found) {
        const key = `${outcome.side} ${variant}`;
        outcomes.set(key, [...(outcomes.get(key) ?? []), outcome]);
      }
      const reached = found.map(({ name, ndcg }) => `${name} ${metric(mean(ndcg))}`).join(' · ');
      terminal.note(`${title}: ${reached} (${((performance.now() - startedMs) / 1000).toFixed(0)} s)`);
    }
  report([...outcomes.values()].map(averaged), composition, runs, terminal);
  await terminal.json(result([...outcomes.values()].map(averaged), composition, runs));
}

/** What is trained, as which variant, and which sides are read from it. */
const PLAN: readonly {
  readonly variant: Outcome['variant'];
  readonly trains: Variant;
  readonly sides: readonly Side[];
}[] = [
  { variant: 'alone', trains: 'domain', sides: ['domain'] },
  { variant: 'alone', trains: 'language', sides: ['language'] },
  { variant: 'control', trains: 'control', sides: ['domain', 'language', 'fused'] },
  { variant: 'together', trains: 'together', sides: ['domain', 'language', 'fused'] },
];

/** The first domain model, the first language model and the first fusion stand for their sides. */
function sideNames({ participants, fusions, sharing }: Composition): Readonly<Record<Side, string>> {
  const domain = participants.find(({ role }) => role === 'domain')?.name;
  const language = participants.find(({ role }) => role === 'language')?.name;
  const fused = fusions[0]?.name;
  if (!domain || !language || !fused || !sharing)
    throw new TandemError('TANDEM_CONFIG_INVALID', 'A comparison needs `domain`, `language`, `sharing` and `fusion`.', {
      remedy: 'Add what is missing, for example sharing: bridge(), fusion: gate().',
    });
  return { domain, language, fused };
}

function outcomeOf(results: readonly OfflineResult[], side: Side, variant: Outcome['variant'], name: string): Outcome {
  const { ndcg, recall } = results.find((result) => result.name === name)!;
  return { side, variant, name, ndcg, recall };
}

function averaged(seeds: readonly Outcome[]): Outcome {
  const over = (of: 'ndcg' | 'recall'): Float64Array =>
    seeds[0][of].map((_, user) => mean(Float64Array.from(seeds, (outcome) => outcome[of][user])));
  return { ...seeds[0], ndcg: over('ndcg'), recall: over('recall') };
}

/** Effects over the control, by side. */
function gainsOf(outcomes: readonly Outcome[], resamples: number) {
  const find = (side: Side, variant: Outcome['variant']): Outcome =>
    outcomes.find((one) => one.side === side && one.variant === variant)!;
  const gain = (side: Side) => {
    const { effect, interval, p } = pairedBootstrap(find(side, 'together').ndcg, find(side, 'control').ndcg, {
      rng: new SeededRng(1, `gain/${side}`),
      resamples,
    });
    return { effect, interval, p };
  };
  return { domain: gain('domain'), language: gain('language'), fused: gain('fused') };
}

function result(
  outcomes: readonly Outcome[],
  { evaluation: { cutoff, resamples } }: Composition,
  seeds: readonly number[],
): Record<string, unknown> {
  return {
    seeds,
    users: outcomes[0].ndcg.length,
    rows: outcomes.map(({ side, variant, name, ndcg, recall }) => ({
      side,
      variant,
      name,
      [`ndcg@${cutoff}`]: mean(ndcg),
      [`recall@${cutoff}`]: mean(recall),
    })),
    gains: gainsOf(outcomes, resamples),
  };
}

function report(
  outcomes: readonly Outcome[],
  { evaluation: { cutoff, resamples } }: Composition,
  seeds: readonly number[],
  terminal: Terminal,
): void {
  const rows = outcomes.map(({ side, variant, name, ndcg, recall }) => [
    `${side} ${variant} (${name})`,
    metric(mean(ndcg)),
    metric(mean(recall)),
  ]);
  terminal.say(textTable(['', `NDCG@${cutoff}`, `recall@${cutoff}`], rows));
  terminal.say('');
  for (const [side, { effect, interval, p }] of Object.entries(gainsOf(outcomes, resamples)))
    terminal.say(
      `${side.padEnd(8)} ${percent(effect).padStart(8)} over the control, 95 % interval [${percent(interval[0])}, ${percent(interval[1])}], p ${p.toFixed(3)}`,
    );
  if (seeds.length === 1) terminal.say('One seed: the interval holds users’ variance only, not that of training.');
}

function parseSeeds(text: string): readonly number[] {
  const seeds = text.split(',').map(Number);
  if (seeds.some((seed) => !Number.isInteger(seed)))
    throw new TandemError('TANDEM_CLI_USAGE', `--seeds ${text}: whole numbers with commas between them.`);
  return seeds;
}
