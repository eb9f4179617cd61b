import type { OneOrMore, PluginUse, SourceRecord } from '@tandem-rec/contract';
import { openTensorBackend } from '@tandem-rec/compute';
import { createHost, tableOf } from '@tandem-rec/cotrainer';
import { CoTrainer } from '@tandem-rec/cotraining';
import { streamDataset, type StreamRecord } from '@tandem-rec/data';
import { movielens100k, movielensLatest } from '@tandem-rec/dataset-files';
import { compose, composePart, start, startPart } from '@tandem-rec/kernel';
import { fism } from '@tandem-rec/model-history';
import { itemKnn, popularity } from '@tandem-rec/model-neighbourhood';
import { createCpuClock } from '../stream/cpu-clock.ts';
import type { Measured } from './bench-models.ts';
import { aboutThisRun } from './run-about.ts';

/** What one model reached on one stream, test-then-train. */
export interface StreamRow {
  readonly stream: StreamName;
  readonly model: string;
  /** Prequential NDCG@10 and recall@10 of the last 80 %, ranked against the whole catalogue. */
  readonly ndcg: number;
  readonly recall: number;
  /** Events of the whole stream. */
  readonly events: number;
  /** CPU milliseconds an event, its rank among the whole catalogue included, as a model that runs alone. */
  readonly cpuMsPerEvent: number;
}

export const STREAMS = { 'ml-100k': movielens100k(), 'ml-latest-small': movielensLatest() } as const;
export type StreamName = keyof typeof STREAMS;

/**
 * Models of the streaming table under their names there. `fism` learns more carefully here than by default: chosen among
 * learning rates of .05, .07, .1 (rows) and .002, .003, .005, .01 (the rest) by what both streams give.
 */
export const STREAM_MODELS: Readonly<Record<string, PluginUse<'domain-model'>>> = {
  popularity: popularity(),
  itemKnn: itemKnn(),
  fism: fism({ learningRate: 0.07, denseLearningRate: 2e-3 }),
};

export interface StreamOptions {
  readonly streams?: readonly StreamName[];
  readonly models?: Readonly<Record<string, PluginUse<'domain-model'>>>;
  /** Of the run: initial rows and what is replayed. */
  readonly seed?: number;
  /** Events a batch. */
  readonly batch?: number;
  /** One line of progress. */
  readonly note?: (line: string) => void;
}

const LIMITS = { startMs: 120_000, stopMs: 10_000, callMs: 120_000, threads: 1 };
/** Ratings that count as a meeting. */
const MIN_VALUE = 4;
const SKIPPED = 0.2;

/**
 * Plays datasets as streams, once for each model: ratings of four stars and more in the order of time, batches of 64 events
 * that are ranked before they are learned, two replays an event. Needs the datasets under `TANDEM_DATA`.
 */
export async function measureStreams({
  streams = Object.keys(STREAMS) as StreamName[],
  models = STREAM_MODELS,
  seed = 42,
  batch = 64,
  note = () => {},
}: StreamOptions = {}): Promise<readonly Measured<StreamRow>[]> {
  await openTensorBackend({ threads: 1 });
  const run = aboutThisRun(1);
  const rows: Measured<StreamRow>[] = [];
  for (const stream of streams) {
    const records = await recordsOf(STREAMS[stream]);
    for (const [model, use] of Object.entries(models)) {
      const row = await measure(stream, model, use, records, seed, batch);
      note(`${stream} ${model}: NDCG ${row.ndcg.toFixed(4)}, ${row.cpuMsPerEvent.toFixed(3)} ms of CPU an event`);
      rows.push({ ...row, run });
    }
  }
  return rows;
}

async function measure(
  stream: StreamName,
  model: string,
  domain: OneOrMore<PluginUse<'domain-model'>>,
  { items, interactions }: Records,
  seed: number,
  batch: number,
): Promise<StreamRow> {
  const composition = await compose({ name: `${model} on ${stream}`, domain, seed });
  const host = { ...silentHost(seed), clock: createCpuClock() };
  const assembly = await start(composition, host, ['participants', 'sharing', 'fusions']);
  const trainer = new CoTrainer(tableOf(assembly, host), () => host.clock.monotonicMs());
  await trainer.begin();
  await trainer.process(items, Infinity, new Set());
  const began = host.clock.monotonicMs();
  for (let from = 0; from < interactions.length; from += batch)
    await trainer.process(interactions.slice(from, from + batch), Infinity, new Set());
  const cpuMs = host.clock.monotonicMs() - began;
  await assembly.stop();
  const [scores] = Object.values(trainer.prequential.summary({ skip: SKIPPED }).experts);
  const { events } = trainer.counts;
  return { stream, model, ndcg: scores.ndcg, recall: scores.recall, events, cpuMsPerEvent: cpuMs / events };
}

interface Records {
  readonly items: readonly SourceRecord[];
  readonly interactions: readonly SourceRecord[];
}

async function recordsOf(dataset: PluginUse<'dataset-reader'>): Promise<Records> {
  const folder = process.cwd();
  const part = await composePart('dataset-reader', dataset, folder);
  const reader = await startPart(part, { folder, limits: LIMITS }, silentHost(0));
  try {
    const records = [...(await streamDataset(reader.instance, { minValue: MIN_VALUE })).records()];
    const ofType = (type: StreamRecord['type']) =>
      records
        .filter((record) => record.type === type)
        .map(({ value }, offset): SourceRecord => ({ partition: 0, offset, value }));
    return { items: ofType('item'), interactions: ofType('interaction') };
  } finally {
    await reader.stop();
  }
}

const silentHost = (seed: number) =>
  createHost({ seed, signal: new AbortController().signal, logLevel: 'silent', write: () => {} });
