import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TandemError, type Composition } from '@tandem-rec/contract';
import { composeVariant, type CompositionRequest, type LogLevel } from '@tandem-rec/cotrainer';
import type { Terminal } from '../terminal.ts';
import { metric } from '../text-table.ts';
import { analyse } from './analyse.ts';
import type { FinishedRun } from './arms.ts';
import { chooseStrategies } from './choose-strategies.ts';
import { codeVersion } from './code-version.ts';
import type { Compared } from './compared.ts';
import { isPermuted, PERMUTATION_SEED, planOf, titleOf, type ComparedRun } from './compared-run.ts';
import { dataAtRest, dataOfStream } from './compared-data.ts';
import { forkRun } from './fork-run.ts';
import { leakText } from './report/leak-text.ts';
import { ResultStore } from './result-store.ts';
import { runKey } from './run-key.ts';
import type { RunResult } from './run-result.ts';
import { runJobs, type Job } from './schedule.ts';
import { sideNames } from './sides.ts';

/** How to compare. */
export interface CompareOptions {
  readonly config: string;
  readonly overrides: readonly string[];
  readonly seeds?: readonly number[];
  readonly strategies?: readonly string[];
  readonly permuted: boolean;
  readonly stream: boolean;
  readonly jobs?: number;
  /** Where finished runs are kept. */
  readonly results: string;
  /** Train what was trained before, too. */
  readonly fresh: boolean;
  /** Go on where leaks were found. */
  readonly despiteLeaks: boolean;
  readonly log: LogLevel;
}

/** A run with all that training it needs. */
interface Ready {
  readonly run: ComparedRun;
  readonly key: string;
  readonly request: CompositionRequest;
}

/**
 * Trains every variant of a comparison that was not trained before, each in a process of its own, and says what they show.
 * Everything is composed before anything is trained: a strategy that does not fit is refused at once.
 */
export async function compare(options: CompareOptions, terminal: Terminal, signal: AbortSignal): Promise<Compared> {
  const regime = options.stream ? 'stream' : 'batch';
  const base = { config: options.config, overrides: options.overrides };
  const scratch = await mkdtemp(join(tmpdir(), 'tandem-compare-'));
  try {
    const composition = await composeVariant({ ...base, ...(options.stream && { streamFolder: scratch }) });
    const sides = sideNames(composition);
    const seeds = options.seeds ?? composition.evaluation.seeds ?? [composition.seed];
    const strategies = chooseStrategies(composition, options.strategies);
    if (options.stream && !composition.source)
      throw new TandemError('TANDEM_CONFIG_INVALID', 'A comparison on a stream needs a `dataset`, or a `source`.');
    const context = { terminal, log: options.log, signal };
    const data = await (options.stream ? dataOfStream : dataAtRest)(composition, context);
    terminal.note(data.text);
    refuseLeaks(data.leaks, options.despiteLeaks, terminal);
    const store = new ResultStore(resolve(options.results));
    const plan = planOf(strategies, seeds, options);
    const ready = await prepare(plan, base, regime, data.hash, store);
    const finished = await trainAll(ready, { composition, regime, store, options, terminal, signal });
    const seen = new Set<string>();
    const late = finished
      .flatMap(({ result }) => result.leaks)
      .filter(({ check }) => !seen.has(check) && seen.add(check));
    return analyse(finished, {
      name: composition.name,
      regime,
      data: data.text,
      cutoff: composition.evaluation.cutoff,
      resamples: composition.evaluation.resamples,
      seeds,
      sides,
      strategies: strategies.map(({ name }) => name),
      leaks: [...data.leaks, ...late],
      counts: data.counts,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function refuseLeaks(leaks: Compared['leaks'], despite: boolean, terminal: Terminal): void {
  const found = leaks.filter(({ state }) => state === 'leak');
  if (found.length === 0) return;
  terminal.note(leakText(leaks));
  if (despite) return;
  throw new TandemError(
    'TANDEM_DATASET_LEAK',
    `Results would mean nothing: ${found.map(({ check, found }) => `${check}: ${found}`).join('; ')}.`,
    {
      details: { leaks: found },
    },
  );
}

/** Composes every run and finds its key. */
async function prepare(
  plan: readonly ComparedRun[],
  base: Pick<CompositionRequest, 'config' | 'overrides'>,
  regime: 'batch' | 'stream',
  data: string,
  store: ResultStore,
): Promise<readonly Ready[]> {
  const codes = new Map<string, string>();
  const ready: Ready[] = [];
  for (const run of plan) {
    const { kind, variant, seed, strategy } = run;
    const request: CompositionRequest = {
      config: base.config,
      overrides: [...base.overrides, `seed=${seed}`],
      variant,
      ...(strategy?.use !== undefined && { strategy: strategy.use }),
      ...(isPermuted(kind) && { permuted: PERMUTATION_SEED }),
    };
    const streamed = (folder: string): CompositionRequest =>
      regime === 'stream' ? { ...request, streamFolder: folder } : request;
    const composition = await composeVariant(streamed(store.folder));
    const who = JSON.stringify([kind, strategy?.name]);
    const code = codes.get(who) ?? (await codeVersion(composition));
    codes.set(who, code);
    const key = runKey(composition, { regime, code, data, permuted: isPermuted(kind) });
    ready.push({ run, key, request: streamed(store.runFolder(key)) });
  }
  return ready;
}

/** Reads what is there, trains the rest. */
async function trainAll(
  ready: readonly Ready[],
  world: {
    readonly composition: Composition;
    readonly regime: 'batch' | 'stream';
    readonly store: ResultStore;
    readonly options: CompareOptions;
    readonly terminal: Terminal;
    readonly signal: AbortSignal;
  },
): Promise<readonly FinishedRun[]> {
  const { composition, regime, store, options, terminal, signal } = world;
  const results = new Map<string, RunResult>();
  for (const { key } of ready) {
    if (options.fresh) await store.forget(key);
    const known = await store.read(key);
    if (known) results.set(key, known);
  }
  const missing = [...new Map(ready.flatMap((one) => (results.has(one.key) ? [] : [[one.key, one]]))).values()];
  const atOnce =
    options.jobs ?? Math.max(1, Math.min(4, Math.floor(availableParallelism() / composition.limits.threads)));
  terminal.note(
    `${ready.length} trainings${results.size > 0 ? `, ${ready.length - missing.length} of them kept in ${options.results}` : ''}${missing.length > 1 && atOnce > 1 ? `, ${Math.min(atOnce, missing.length)} at once` : ''}.`,
  );
  const jobs = missing.map((one): Job<RunResult> & { readonly ready: Ready } => ({
    ready: one,
    title: `${titleOf(one.run)}, seed ${one.run.seed}`,
    sort: titleOf(one.run),
    run: (onProgress, stop) => {
      const { run, request } = one;
      const about = { configuration: composition.name, run: titleOf(run), seed: run.seed, regime };
      const heard = { onProgress, note: (line: string) => terminal.note(line) };
      return forkRun({ regime, request, log: options.log, about }, stop, heard);
    },
  }));
  await runJobs(jobs, {
    atOnce,
    signal,
    took: ready.flatMap(({ run, key }) => {
      const known = results.get(key);
      return known ? [{ sort: titleOf(run), seconds: known.cost.seconds }] : [];
    }),
    draw: (lines) => terminal.progress(lines),
    done: async (job, result, left) => {
      const { key } = (job as (typeof jobs)[number]).ready;
      await store.write(key, result);
      results.set(key, result);
      const reached = result.experts.map(({ name, ndcg }) => `${name} ${metric(ndcg)}`).join(' · ');
      terminal.note(`${job.title}: ${reached} (${left})`);
    },
  });
  return ready.map(({ run, key }) => ({ run, result: results.get(key)! }));
}
