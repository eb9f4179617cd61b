import { availableParallelism, cpus } from 'node:os';

/** When and where something was measured. */
export interface RunAbout {
  /** When it began, ISO: two figures with the same are of one run. */
  readonly startedAt: string;
  /** Its day. */
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Threads that a model was allowed. */
  readonly threads: number;
}

/** This run, on this machine, from now on. */
export function aboutThisRun(threads: number): RunAbout {
  const startedAt = new Date().toISOString();
  return {
    startedAt,
    date: startedAt.slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model ?? process.arch,
    cores: availableParallelism(),
    threads,
  };
}
