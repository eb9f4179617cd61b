import type {
  Composition,
  DomainModel,
  ParticipantPart,
  PluginUse,
  UserContexts,
  Candidates,
  Scores,
} from '@tandem-rec/contract';
import { kernelName, openTensorBackend, topK } from '@tandem-rec/compute';
import { createHost, tableOf } from '@tandem-rec/cotrainer';
import { OfflineCoTraining, type Table } from '@tandem-rec/cotraining';
import { evaluationTask, type EvaluationTask, type Split } from '@tandem-rec/data';
import { rankAll, summarise, userMetrics } from '@tandem-rec/evaluation';
import { compose, start } from '@tandem-rec/kernel';
import { cpuMs } from '../stream/cpu-clock.ts';
import type { Setting } from './settings/types.ts';
import { STREAMED } from './streamed-settings.ts';
import { streamOnce } from './stream-once.ts';
import { SPLITS, type SplitName } from './splits.ts';

/** One model on one split. */
export interface ModelRow {
  readonly split: SplitName;
  /** With `+v` where validation was fed as history, unless that is the model's only protocol; see also `STREAMED`. */
  readonly model: string;
  readonly plugin: string;
  readonly options: unknown;
  readonly ndcg: number;
  readonly recall: number;
  /** Where it was trained more than once: figures are means over so many seeds. */
  readonly seeds?: number;
  readonly epochs: number;
  /** Of training alone; ranking is not in it. All threads of the process. */
  readonly cpuSecondsPerEpoch: number;
  readonly cpuSeconds: number;
  /** Scores and the masked first `cutoff` for every user with a test item. */
  readonly topkCpuSeconds: number;
  /** Peak of the process: data, model, training and ranking. */
  readonly rssMb: number;
  /** Tensor backend if the model computes with tensors, else the kernels' instruction set. */
  readonly backend: string;
}

export interface RunOptions {
  /** Instead of the setting's. */
  readonly epochs?: number;
  /** What is ranked; for tuning, validation. Default `test`. */
  readonly part?: 'valid' | 'test';
  readonly threads?: number;
  readonly seed?: number;
  readonly signal: AbortSignal;
  /** After each pass. */
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

/** A model that has been trained, and what that took. */
export interface Trained {
  readonly part: ParticipantPart;
  readonly instance: DomainModel;
  readonly epochs: number;
  readonly cpuSeconds: number;
  readonly backend: string;
  stop(): Promise<void>;
}

/** Trains a model on the training part of a split, as a setting says: at rest or as a stream. Nothing is ranked while it trains, at rest but one user at the end. */
export async function trainModel(setting: Setting, split: Split, options: RunOptions): Promise<Trained> {
  const composition = await composeModel(setting, options);
  const { signal } = options;
  const host = createHost({
    seed: composition.seed,
    signal,
    logLevel: 'warn',
    write: ({ message }) => console.error(message),
  });
  const backend = setting.tensors
    ? (await openTensorBackend({ threads: composition.limits.threads })).name
    : kernelName;
  const assembly = await start(composition, host, ['participants']);
  const stop = async (): Promise<void> => void (await assembly.stop());
  try {
    const table = tableOf(assembly, host);
    const [{ part, instance }] = table.seats;
    watch(instance, options.onEpoch);
    const cost = setting.stream
      ? await trainAsStream(table, split, setting.stream.batch ?? 64, signal)
      : await trainAtRest(table, split, setting, signal);
    return { part, instance, ...cost, backend, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type TrainingCost = Pick<Trained, 'epochs' | 'cpuSeconds'>;

async function trainAsStream(table: Table, split: Split, batch: number, signal: AbortSignal): Promise<TrainingCost> {
  const before = cpuMs();
  const epochs = await streamOnce(table, split, batch, signal);
  return { epochs, cpuSeconds: (cpuMs() - before) / 1000 };
}

/** Costs of a model with a `fit` are those of `fit`, as the peers' are; else of all that the engine does for it. */
async function trainAtRest(
  table: Table,
  split: Split,
  { historyLimit }: Setting,
  signal: AbortSignal,
): Promise<TrainingCost> {
  let epochs = 0;
  const training = new OfflineCoTraining(table, { ...split, valid: NONE, test: split.test.subarray(0, 1) }, [], {
    evaluation: table.composition.evaluation,
    historyLimit: historyLimit ?? Infinity,
    signal,
    cpuMs,
    onProgress: ({ epoch }) => (epochs = epoch),
  });
  const before = cpuMs();
  const [result] = await training.run();
  const spent = table.seats[0].instance.fit ? result.cpuMs : cpuMs() - before;
  return { epochs, cpuSeconds: spent / 1000 };
}

/**
 * Trains a model, and ranks all items for everybody; as often as the setting says, figures are means then. Once a process:
 * peak memory is the process's.
 */
export async function runModel(setting: Setting, split: Split, options: RunOptions): Promise<readonly ModelRow[]> {
  const { seeds = 1 } = setting;
  const { seed = SEED } = options;
  const runs: (readonly Measured[])[] = [];
  for (let k = 0; k < seeds; k++) runs.push(await runOnce(setting, split, { ...options, seed: seed + k }));
  const rssMb = process.resourceUsage().maxRSS / 1024;
  return runs[0].map((first, at) => {
    const mean = (figure: Figure): number => runs.reduce((sum, rows) => sum + rows[at][figure], 0) / seeds;
    const means = Object.fromEntries(FIGURES.map((figure) => [figure, mean(figure)]));
    return { ...first, ...means, ...(seeds > 1 && { seeds }), rssMb };
  });
}

type Measured = Omit<ModelRow, 'rssMb' | 'seeds'>;
type Figure = (typeof FIGURES)[number];

const SEED = 42;
/** What differs from seed to seed. */
const FIGURES = ['ndcg', 'recall', 'cpuSecondsPerEpoch', 'cpuSeconds', 'topkCpuSeconds'] as const;

async function runOnce(setting: Setting, split: Split, options: RunOptions): Promise<readonly Measured[]> {
  const { signal, part = 'test' } = options;
  const { histories = ['train'], historyLimit = Infinity } = setting;
  const trained = await trainModel(setting, split, options);
  try {
    const rows: Measured[] = [];
    for (const parts of split.valid.length > 0 && part === 'test' ? histories : histories.slice(0, 1)) {
      const task = evaluationTask(split, part, { historyLimit, historyWithValidation: parts === 'train+valid' });
      rows.push({
        split: setting.split,
        model: rowName(setting, parts === 'train+valid' && histories.length > 1),
        plugin: trained.part.id,
        options: trained.part.options,
        ...(await judge(trained.instance, task, split.items, SPLITS[setting.split].cutoff, signal)),
        epochs: trained.epochs,
        cpuSecondsPerEpoch: trained.cpuSeconds / Math.max(1, trained.epochs),
        cpuSeconds: trained.cpuSeconds,
        backend: trained.backend,
      });
    }
    return rows;
  } finally {
    await trained.stop();
  }
}

const rowName = ({ model, stream }: Setting, withValidation: boolean): string =>
  `${model}${withValidation ? '+v' : ''}${stream ? STREAMED : ''}`;

const NONE = new Int32Array(0);

function composeModel({ use, epochs, batch = 512, stream }: Setting, options: RunOptions): Promise<Composition> {
  const passes = options.epochs ?? epochs;
  return compose({
    domain: use as PluginUse<'domain-model'>,
    seed: options.seed ?? SEED,
    evaluation: { epochs: passes, validateEvery: passes + 1, batch },
    ...(stream && { training: { replay: stream.replay, rank: { share: 0 } } }),
    limits: { threads: options.threads ?? 1 },
  });
}

/** Tells of each pass of a model with a `fit` of its own. */
function watch(instance: DomainModel, onEpoch: RunOptions['onEpoch']): void {
  const fit = instance.fit?.bind(instance);
  if (!fit || !onEpoch) return;
  instance.fit = (data, run) =>
    fit(data, {
      ...run,
      epoch: (progress) => {
        onEpoch(progress.epoch, progress.loss);
        return run.epoch(progress);
      },
    });
}

/** Full ranking for everybody with something to find; the time of scores and top-k is taken beside it. */
async function judge(
  instance: DomainModel,
  task: EvaluationTask,
  items: number,
  cutoff: number,
  signal: AbortSignal,
): Promise<Pick<ModelRow, 'ndcg' | 'recall' | 'topkCpuSeconds'>> {
  const rows = new Int32Array(cutoff);
  const values = new Float32Array(cutoff);
  const { offsets, items: seen } = task.seen;
  let spent = 0;
  const predict = async (users: UserContexts, candidates: Candidates): Promise<Scores> => {
    const before = cpuMs();
    const scores = await instance.predict(users, candidates);
    for (let b = 0; b < users.size; b++) {
      const masked = seen.subarray(offsets[users.users[b]], offsets[users.users[b] + 1]);
      topK(scores, b * items, items, cutoff, masked, rows, values);
    }
    spent += cpuMs() - before;
    return scores;
  };
  const { ndcg, recall } = summarise(userMetrics(await rankAll(task, predict, { items, signal }), cutoff));
  return { ndcg, recall, topkCpuSeconds: spent / 1000 };
}
