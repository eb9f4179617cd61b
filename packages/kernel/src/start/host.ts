import { resolve } from 'node:path';
import type { Clock, Environment, Logger, Rng } from '@tandem-rec/contract';

/** What the process that hosts a composition gives to its parts. */
export interface Host {
  /** The random stream of a part, by its name; the host derives it from the composition's seed. */
  rng(name: string): Rng;
  /** The log of a part, by its name. */
  log(name: string): Logger;
  readonly clock: Clock;
  readonly cacheFolder: string;
  readonly modelsFolder?: string | undefined;
  readonly dataFolder?: string | undefined;
  /** Aborted when the process stops. */
  readonly signal: AbortSignal;
}

/** The environment of one part. */
export function environmentOf(
  name: string,
  host: Host,
  within: { readonly folder: string; readonly threads: number },
  signal: AbortSignal,
): Environment {
  return {
    name,
    rng: host.rng(name),
    log: host.log(name),
    clock: host.clock,
    signal,
    threads: within.threads,
    resolvePath: (path) => resolve(within.folder, path),
    cacheFolder: host.cacheFolder,
    modelsFolder: host.modelsFolder,
    dataFolder: host.dataFolder,
  };
}
