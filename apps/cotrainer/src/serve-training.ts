import type { MessagePort } from 'node:worker_threads';
import { hostname } from 'node:os';
import { TandemError, type CheckpointStore, type Composition, type InteractionSource } from '@tandem-rec/contract';
import { kernelName, openTensorBackend } from '@tandem-rec/compute';
import { CoTrainingLoop, type RunLimit, type Table } from '@tandem-rec/cotraining';
import { loadItems } from '@tandem-rec/data';
import type { BlockSelection, BlockSums } from '@tandem-rec/evaluation';
import { describeDifference, start, type Assembly, type Host, type StartedNode } from '@tandem-rec/kernel';
import { recommend, type Recommendations, type RecommendRequest } from '@tandem-rec/serving';
import { composeVariant, type CompositionRequest } from './compose-variant.ts';
import { heardIn } from './heard.ts';
import { createHost } from './host.ts';
import type { LogLevel, LogLine } from './logger.ts';
import { portSource, type SourceHandlers } from './port-source.ts';
import { Rpc, sent } from './rpc.ts';
import { Speed } from './speed.ts';
import type { TrainingStatus } from './status.ts';

/** What the training thread is told when it starts. */
export interface TrainingRequest {
  readonly request: CompositionRequest;
  readonly logLevel: LogLevel;
  /** When to end although the source goes on. Default: never. */
  readonly limit?: RunLimit;
}

/** What the worker is given: the request, and what there is to know of the source, which is elsewhere. */
export interface TrainingData extends TrainingRequest {
  /** The source has a `lag`. */
  readonly tellsLag: boolean;
}

/** What the main thread offers the training thread. */
export type MainHandlers = SourceHandlers & {
  readonly log: (line: LogLine) => void;
  /** Everything is created and restored; learning begins. */
  readonly ready: (tree: readonly StartedNode[]) => void;
  /** Learning is over; the last checkpoint is written, unless `error` says otherwise. */
  readonly ended: (status: TrainingStatus, error: ReturnType<typeof sent> | undefined) => void;
};

/** What the training thread offers the main thread. */
export type TrainingHandlers = {
  readonly status: (skip?: number) => TrainingStatus | null;
  /** NDCG of each block of events by expert, see `Prequential.blocks`. */
  readonly blocks: (names: readonly string[], which: BlockSelection) => Readonly<Record<string, BlockSums>>;
  readonly recommend: (request: RecommendRequest) => Promise<Recommendations>;
  /** What everybody says it has learned, by name. */
  readonly explain: () => Readonly<Record<string, unknown>>;
  readonly stop: () => void;
};

/** The training thread: composes its part, runs the whole loop, answers questions between batches. */
export function serveTraining(port: MessagePort, { request, logLevel, limit, tellsLag }: TrainingData): void {
  const stop = new AbortController();
  let training: Training | undefined;
  const running = (): Training => {
    if (!training)
      throw new TandemError('TANDEM_RUN_NOT_FOUND', 'The run is still starting.', { remedy: 'Ask again in a moment.' });
    return training;
  };
  const rpc = new Rpc<MainHandlers>(port, {
    status: (skip?: number) => training?.status(skip) ?? null,
    blocks: (names, which) => running().blocks(names, which),
    recommend: (asked: RecommendRequest) => running().recommend(asked),
    explain: () => explained(running().table),
    stop: () => stop.abort(new Error('Stopped.')),
  } satisfies TrainingHandlers);

  void (async () => {
    let failure: unknown;
    try {
      const composition = await composeVariant(request);
      const host = createHost({
        seed: composition.seed,
        signal: stop.signal,
        logLevel,
        // A line that cannot be told is no reason to end a run.
        write: (line) => void rpc.call('log', line).catch(() => {}),
      });
      training = await Training.open(composition, host, portSource(rpc as unknown as Rpc<SourceHandlers>, tellsLag));
      await rpc.call('ready', training.tree);
      await training.run(stop.signal, limit);
    } catch (error) {
      failure = error;
    }
    const closing = await training?.close(failure === undefined);
    failure ??= closing;
    let status: TrainingStatus | undefined;
    try {
      status = training?.status();
    } catch (error) {
      failure ??= error;
    }
    // The port stays open: status and blocks can still be asked for, until the main thread ends this one.
    await rpc.call('ended', status as TrainingStatus, failure === undefined ? undefined : sent(failure));
  })();
}

/** A run in this thread. */
class Training {
  readonly table: Table;
  readonly loop: CoTrainingLoop;
  readonly #assembly: Assembly;
  readonly #host: Host;
  readonly #backend: string;
  readonly #speed = new Speed();
  readonly #startedMs: number;
  #phase: TrainingStatus['phase'] = 'learning';
  #learningMs = 0;

  private constructor(table: Table, loop: CoTrainingLoop, assembly: Assembly, host: Host, backend: string) {
    this.table = table;
    this.loop = loop;
    this.#assembly = assembly;
    this.#host = host;
    this.#backend = backend;
    this.#startedMs = host.clock.monotonicMs();
  }

  static async open(composition: Composition, host: Host, source: InteractionSource): Promise<Training> {
    const backend = await openTensorBackend({
      ...(composition.backend && { prefer: composition.backend }),
      threads: composition.limits.threads,
      log: host.log('compute'),
    });
    const assembly = await start(composition, host, ['store', 'catalogue', 'participants', 'sharing', 'fusions']);
    try {
      if (!assembly.store) throw new TandemError('TANDEM_CONFIG_INVALID', 'A run needs a `store` for its checkpoints.');
      const table = tableOf(assembly, host);
      const catalogue = assembly.catalogue?.instance;
      const loop = new CoTrainingLoop(table, {
        source,
        store: assembly.store.instance,
        clock: host.clock,
        log: host.log('loop'),
        platform: platformOf(backend.name, composition.limits.threads),
        ...(catalogue && { items: async () => (await loadItems(catalogue)).items }),
        differences: describeDifference,
      });
      await loop.open();
      return new Training(table, loop, assembly, host, backend.name);
    } catch (error) {
      await assembly.stop();
      throw error;
    }
  }

  get tree(): readonly StartedNode[] {
    return this.#assembly.tree();
  }

  async run(signal: AbortSignal, limit: RunLimit = {}): Promise<void> {
    this.#phase = await this.loop.run(signal, limit);
    this.#learningMs = this.#host.clock.monotonicMs() - this.#startedMs;
  }

  /** Writes the last checkpoint (if all went well) and stops every part. Answers what went wrong. */
  async close(wellBehaved: boolean): Promise<unknown> {
    try {
      await this.loop.close(wellBehaved);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await this.#assembly.stop();
    }
  }

  /** `skip`: share of the stream's beginning that the metrics leave out. */
  status(skip = 0): TrainingStatus {
    const { trainer, times, checkpointed, lag, replayed } = this.loop;
    const now = this.#host.clock.monotonicMs();
    return {
      phase: this.#phase,
      counts: { ...trainer.counts },
      users: trainer.statistics.users,
      items: trainer.statistics.items,
      learningMs: this.#learningMs || now - this.#startedMs,
      eventsPerSecond: this.#speed.measure(trainer.counts.events, now),
      lag: lag?.records,
      losses: trainer.losses,
      prequential: trainer.prequential.summary({ skip }),
      times: { ...trainer.times, ...times },
      checkpoint: checkpointed,
      deadLetters: this.#store.deadLetters.count(),
      faults: { ...trainer.faults },
      heard: heardIn(this.table.strategy?.explain?.()),
      backend: this.#backend,
      replayed,
    };
  }

  blocks(names: readonly string[], which: BlockSelection): Record<string, BlockSums> {
    const { prequential } = this.loop.trainer;
    return Object.fromEntries(names.map((name) => [name, prequential.blocks(name, which)]));
  }

  recommend(asked: RecommendRequest): Promise<Recommendations> {
    const { trainer } = this.loop;
    return this.loop.between(() => recommend(trainer, this.table, asked, this.#host.clock.nowMs()));
  }

  get #store(): CheckpointStore {
    return this.#assembly.store!.instance;
  }
}

/** The parts of an assembly, as the co-training engine wants them. */
export function tableOf(assembly: Assembly, host: Host): Table {
  return {
    composition: assembly.composition,
    seats: [...assembly.participants.values()].map(({ part, instance }) => ({ part, instance })),
    strategy: assembly.sharing?.instance,
    fusions: assembly.fusions.map(({ part, instance }) => ({ name: part.name, instance })),
    rng: host.rng,
  };
}

/** What participants, strategy and fusions say they have learned, by name; those who say nothing are left out. */
export function explained({ seats, strategy, fusions, composition }: Table): Readonly<Record<string, unknown>> {
  const sharing = strategy && { name: composition.sharing!.name, instance: strategy };
  return Object.fromEntries(
    [
      ...seats.map(({ part, instance }) => ({ name: part.name, instance })),
      ...(sharing ? [sharing] : []),
      ...fusions,
    ].flatMap(({ name, instance }) => (instance.explain ? [[name, instance.explain()]] : [])),
  );
}

/** What bit-identity depends on. */
export function platformOf(backend: string, threads: number): Record<string, string | number> {
  return {
    backend,
    kernel: kernelName,
    threads,
    node: process.version,
    architecture: process.arch,
    platform: process.platform,
    host: hostname(),
  };
}
