import { SeededRng } from '@tandem-rec/compute';
import type { Host } from '@tandem-rec/kernel';
import { findFolders } from './folders.ts';
import { loggerOf, type LogLevel, type LogLine } from './logger.ts';
import { systemClock } from './system-clock.ts';

export interface HostOptions {
  /** The composition's seed: every component's random stream follows from it and the component's name. */
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly logLevel: LogLevel;
  readonly write: (line: LogLine) => void;
}

/** What a process gives to the parts it hosts. Asking for the same random stream twice gives the same object. */
export function createHost({ seed, signal, logLevel, write }: HostOptions): Host {
  const folders = findFolders();
  const rngs = new Map<string, SeededRng>();
  return {
    rng: (name) => {
      const rng = rngs.get(name) ?? new SeededRng(seed, name);
      rngs.set(name, rng);
      return rng;
    },
    log: (name) => loggerOf(name, logLevel, write),
    clock: systemClock,
    cacheFolder: folders.cache,
    modelsFolder: folders.models,
    dataFolder: folders.data,
    signal,
  };
}
