import type { CatalogueItem, CheckpointStore, Clock, InteractionSource, JsonValue, Logger } from '@tandem-rec/contract';

/** Everything the loop needs of the world. */
export interface LoopWorld {
  readonly source: InteractionSource;
  readonly store: CheckpointStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Machine, backend and threads, for the checkpoint. */
  readonly platform: Readonly<Record<string, JsonValue>>;
  /** Items known before the stream begins; asked for by a fresh run only. */
  readonly items?: () => Promise<readonly CatalogueItem[]>;
  /** Names what differs between two compositions. */
  readonly differences: (was: JsonValue, is: JsonValue) => readonly string[];
}

/** Milliseconds spent outside the trainer, added up since the process started. */
export interface LoopTimes {
  wait: number;
  journal: number;
  checkpoint: number;
}

/** Why `run` returned: the source has ended, a stop was asked for, or the limit was reached. */
export type Ending = 'ended' | 'stopped' | 'reached';

/** When a run is over although its source goes on. */
export interface RunLimit {
  /** Records read over the life of the run. */
  readonly records?: number;
  /** Nothing new for this long, milliseconds, and nothing left to read as far as the source can tell. */
  readonly idleMs?: number;
}
