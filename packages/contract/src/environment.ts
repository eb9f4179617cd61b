import type { JsonValue } from './json.ts';

/** Saved position of a random stream. */
export type RngState = { readonly [key: string]: JsonValue };

/** A seeded stream of random numbers. Each component has its own; the engine keeps it in the checkpoint. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). `below` ≥ 1. */
  int(below: number): number;
  /** Standard normal. */
  normal(): number;
  /** An independent stream derived from this stream's seed (not its position) and a name. */
  fork(name: string): Rng;
  save(): RngState;
  load(state: RngState): void;
}

/** Time, as the run sees it. Under simulation it does not follow the wall. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Monotonic milliseconds, for durations. */
  monotonicMs(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Structured log of a component: a sentence, then facts. */
export interface Logger {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** What a plugin's `create` is given besides its options. */
export interface Environment {
  /** The name of this component in the composition, unique, for example `fism` or `gate`. */
  readonly name: string;
  readonly rng: Rng;
  readonly log: Logger;
  readonly clock: Clock;
  /** Aborted when start-up runs out of time or the process stops. */
  readonly signal: AbortSignal;
  /** Threads this component may keep busy, ≥ 1. */
  readonly threads: number;
  /** Resolves a path of the configuration against the configuration file's folder. */
  resolvePath(path: string): string;
  /** A folder that outlives runs, for derived data that can be made again (for example text vectors by content hash). */
  readonly cacheFolder: string;
  /** Folder of model weights (`TANDEM_MODELS`), if there is one. */
  readonly modelsFolder: string | undefined;
  /** Folder of datasets (`TANDEM_DATA`), if there is one. */
  readonly dataFolder: string | undefined;
}
