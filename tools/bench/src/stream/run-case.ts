import type { CheckpointStore, Clock, InteractionSource, JournalEntry } from '@tandem-rec/contract';
import { kernelName, openTensorBackend } from '@tandem-rec/compute';
import { createHost, platformOf, systemClock, tableOf } from '@tandem-rec/cotrainer';
import { CoTrainingLoop } from '@tandem-rec/cotraining';
import { describeDifference, start } from '@tandem-rec/kernel';
import type { StreamCase } from './cases.ts';
import { composeCase } from './compose-case.ts';
import { cpuMs, createCpuClock } from './cpu-clock.ts';

/** CPU and wall milliseconds. */
export interface Spent {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** What one case cost. */
export interface CaseResult {
  readonly name: string;
  readonly summary: string;
  readonly users: number;
  readonly items: number;
  readonly events: number;
  /** Share of the events that were ranked. */
  readonly rankedShare: number;
  /** From the first poll to the last checkpoint. */
  readonly run: Spent;
  /** The second half of the events: everything is compiled by then, and histories are longer. */
  readonly secondHalf: Spent & { readonly events: number };
  /** From the start of the process until the first batch was learned. */
  readonly start: Spent;
  /** CPU microseconds an event, by stage; `rest` is what no stage counts. */
  readonly stagesUs: Readonly<Record<string, number>>;
  /** `learn` by participant. */
  readonly learnUs: Readonly<Record<string, number>>;
  /** What waits for the disk, in wall microseconds an event. */
  readonly waitUs: { readonly journal: number; readonly checkpoint: number };
  readonly checkpoints: number;
  readonly peakMemoryMb: number;
  readonly backend: string;
  readonly kernel: string;
}

/** Runs a case on the log of its folder until `records` were read. Once a process: start-up and memory are the process's. */
export async function runCase(benchCase: StreamCase, folder: string, records: number): Promise<CaseResult> {
  const composition = await composeCase(benchCase, folder);
  const backend = await openTensorBackend({ threads: composition.limits.threads });
  // Readings of CPU time grow dearer with the process's threads: the clock is made when all of them are there.
  const clock = createCpuClock();
  const host = {
    ...createHost({
      seed: composition.seed,
      signal: new AbortController().signal,
      logLevel: 'warn',
      write: ({ message }) => console.error(message),
    }),
    clock,
  };
  const assembly = await start(composition, host, ['store', 'participants', 'sharing', 'fusions', 'source']);
  const watched = new WatchedStore(assembly.store!.instance, systemClock);
  const table = tableOf(assembly, host);
  const loop = new CoTrainingLoop(table, {
    source: ending(assembly.source!.instance, records),
    store: watched.store,
    clock,
    log: host.log('loop'),
    platform: platformOf(backend.name, composition.limits.threads),
    differences: describeDifference,
  });
  const { trainer } = loop;
  const now = (): Spent & { events: number } => ({
    cpuMs: clock.monotonicMs(),
    wallMs: performance.now(),
    events: trainer.counts.events,
  });
  await loop.open();

  const begin = now();
  let first: Spent | undefined;
  let half: ReturnType<typeof now> | undefined;
  watched.onAppend = () => {
    if (trainer.counts.events > 0) first ??= { cpuMs: cpuMs(), wallMs: performance.now() };
    if (trainer.counts.records >= records / 2) half ??= now();
  };
  await loop.run(new AbortController().signal);
  await loop.close();
  const end = now();
  await assembly.stop();

  const { events } = end;
  const { times } = trainer;
  const stages: Record<string, number> = {
    read: loop.times.wait,
    decode: times.decode,
    dedupe: times.dedupe,
    journal: loop.times.journal,
    rank: times.rank,
    fuse: times.fuse,
    exchange: times.exchange,
    learn: times.learn,
    apply: times.apply,
    checkpoint: loop.times.checkpoint,
  };
  const counted = Object.values(stages).reduce((sum, ms) => sum + ms, 0);
  const perEvent = (all: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(all).map(([name, ms]) => [name, (1000 * ms) / events]));
  const run = since(begin, end);
  return {
    name: benchCase.name,
    summary: benchCase.summary,
    users: trainer.statistics.users,
    items: trainer.statistics.items,
    events,
    rankedShare: trainer.prequential.events / events,
    run,
    secondHalf: { ...since(half ?? begin, end), events: events - (half ?? begin).events },
    start: { cpuMs: (first ?? end).cpuMs, wallMs: (first ?? end).wallMs },
    stagesUs: perEvent({ ...stages, rest: run.cpuMs - counted }),
    learnUs: perEvent(times.learnBy),
    waitUs: { journal: (1000 * watched.journalMs) / events, checkpoint: (1000 * watched.checkpointMs) / events },
    checkpoints: watched.checkpoints,
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
    backend: backend.name,
    kernel: kernelName,
  };
}

const since = (begin: Spent, end: Spent): Spent => ({
  cpuMs: end.cpuMs - begin.cpuMs,
  wallMs: end.wallMs - begin.wallMs,
});

/** A source that ends after so many records: the loop would wait for the last batch to fill, and by a clock of CPU time for long. */
function ending(source: InteractionSource, records: number): InteractionSource {
  let read = 0;
  return {
    open: (positions, signal) => source.open(positions, signal),
    poll: async (max, timeoutMs, signal) => {
      const result = await source.poll(max, timeoutMs, signal);
      read += result.records.length;
      return { ...result, ended: read >= records };
    },
    close: () => source.close(),
  };
}

/** A store that measures how long the disk keeps it waiting. */
class WatchedStore {
  readonly store: CheckpointStore;
  journalMs = 0;
  checkpointMs = 0;
  checkpoints = 0;
  onAppend: () => void = () => {};

  constructor(inner: CheckpointStore, clock: Clock) {
    const { journal } = inner;
    const append = async (entry: JournalEntry): Promise<void> => {
      this.onAppend();
      const start = clock.monotonicMs();
      await journal.append(entry);
      this.journalMs += clock.monotonicMs() - start;
    };
    this.store = {
      lock: () => inner.lock(),
      list: () => inner.list(),
      read: (id) => inner.read(id),
      close: () => inner.close(),
      deadLetters: inner.deadLetters,
      journal: { append, after: (sequence) => journal.after(sequence), forget: (sequence) => journal.forget(sequence) },
      write: async (checkpoint) => {
        const start = clock.monotonicMs();
        const info = await inner.write(checkpoint);
        this.checkpointMs += clock.monotonicMs() - start;
        this.checkpoints++;
        return info;
      },
    };
  }
}
