import { Worker } from 'node:worker_threads';
import { limitNativeThreads } from '@tandem-rec/compute';
import type { InteractionSource } from '@tandem-rec/contract';
import type { BlockSelection, BlockSums } from '@tandem-rec/evaluation';
import type { StartedNode } from '@tandem-rec/kernel';
import type { Recommendations, RecommendRequest } from '@tandem-rec/serving';
import { LiveLag } from './live-lag.ts';
import type { LogLine } from './logger.ts';
import { sourceHandlers } from './port-source.ts';
import { Rpc, received } from './rpc.ts';
import type { MainHandlers, TrainingData, TrainingHandlers, TrainingRequest } from './serve-training.ts';
import type { TrainingStatus } from './status.ts';
import { systemClock } from './system-clock.ts';

/**
 * A training thread as the main thread sees it. The main thread holds the source's client, the terminal and the sockets;
 * heartbeats and questions never wait for a step.
 */
export class TrainingThread {
  /** Resolves when everything is created and restored. */
  readonly ready: Promise<readonly StartedNode[]>;
  /** Resolves when learning is over and the last checkpoint is written; rejects with what went wrong. */
  readonly ended: Promise<TrainingStatus>;
  readonly #rpc: Rpc<TrainingHandlers>;
  readonly #worker: Worker;
  readonly #lag: LiveLag;
  readonly #stopping = new AbortController();
  #over = false;

  constructor(request: TrainingRequest, source: InteractionSource, write: (line: LogLine) => void) {
    const gone = new AbortController();
    const readiness = Promise.withResolvers<readonly StartedNode[]>();
    const ending = Promise.withResolvers<TrainingStatus>();
    this.ready = readiness.promise;
    this.ended = ending.promise;
    // Whoever waits for one of them hears of a failure; nobody has to wait for both.
    this.ready.catch(() => {});
    this.ended.catch(() => {});
    this.#lag = new LiveLag(source, systemClock);
    limitNativeThreads(1);
    this.#worker = new Worker(new URL(import.meta.resolve('@tandem-rec/cotrainer/training-worker')), {
      workerData: { ...request, tellsLag: source.lag !== undefined } satisfies TrainingData,
    });
    const handlers: MainHandlers = {
      ...sourceHandlers(source, gone.signal, this.#stopping.signal),
      log: write,
      ready: readiness.resolve,
      ended: (status, error) => {
        this.#over = true;
        gone.abort();
        if (error === undefined) return ending.resolve(status);
        readiness.reject(received(error));
        ending.reject(received(error));
      },
    };
    this.#rpc = new Rpc<TrainingHandlers>(this.#worker, handlers);
    const fail = (error: Error): void => {
      gone.abort();
      this.#rpc.close(error);
      readiness.reject(error);
      ending.reject(error);
    };
    this.#worker.on('error', fail);
    this.#worker.on('exit', (code) => fail(new Error(`The training thread is gone (exit code ${code}).`)));
  }

  /**
   * Null while it is starting. `skip`: share of the stream's beginning that the metrics leave out. The lag is the
   * source's own, at most some seconds old; after the end it is that of the last checkpoint.
   */
  async status(skip = 0): Promise<TrainingStatus | null> {
    const status = await this.#rpc.call('status', skip);
    return status === null || this.#over ? status : { ...status, lag: this.#lag.records };
  }

  /** NDCG of each block of events as sums and counts, by expert. */
  blocks(names: readonly string[], which: BlockSelection): Promise<Readonly<Record<string, BlockSums>>> {
    return this.#rpc.call('blocks', names, which);
  }

  recommend(request: RecommendRequest): Promise<Recommendations> {
    return this.#rpc.call('recommend', request);
  }

  /** What everybody says it has learned, by name. */
  explain(): Promise<Readonly<Record<string, unknown>>> {
    return this.#rpc.call('explain');
  }

  /** Asks for the end: the batch under way is finished and a checkpoint written; `ended` then resolves. A source that is away is waited for no longer. */
  async stop(): Promise<void> {
    // First the thread, then the source: what the source then rejects with is a stop and no failure.
    const asked = this.#rpc.call('stop').catch(() => {});
    this.#stopping.abort(new Error('Stopped.'));
    await asked;
  }

  /** Lets the thread go. Before `ended` that is a crash: no checkpoint is written, the journal repeats what is lost. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
