import { token, type Token } from './token.ts';
/** One raw record of a source. Its value is text (UTF-8 when bytes) in the wire format of `@tandem-rec/data`. */
export interface SourceRecord {
  /** 0 for sources without partitions. */
  readonly partition: number;
  /** Position within the partition; increases, gaps are allowed. */
  readonly offset: number;
  /** `null`: a tombstone. */
  readonly value: string | Uint8Array | null;
  /** When the source received it, milliseconds since the epoch, if it knows. */
  readonly receivedMs?: number;
}

/** The next offset to read of each partition. A partition that is not named starts where the source's options say. */
export type Positions = ReadonlyMap<number, number>;

export interface PollResult {
  /** In order within each partition. Empty after the timeout. */
  readonly records: readonly SourceRecord[];
  /** Nothing will ever follow: a bounded source has been read to its end. */
  readonly ended: boolean;
}

/** How far behind the newest record the reader is. */
export interface Lag {
  readonly records: number;
}

/**
 * Where interactions come from. The checkpoint decides where to resume: positions given to `open` win over anything
 * the source remembers. Pull-based: a source buffers a bounded amount and waits. An outage is waited out with back-off
 * and said in the log; only what can never heal is thrown.
 */
export interface InteractionSource {
  /**
   * Answers where it starts: the next offset of every partition that it will read, those in `positions` as they are there.
   * The engine keeps them, so that a partition which delivers nothing until the next start goes on from here and not from
   * wherever the options would begin then. Waits while the source is away; when `signal` aborts it rejects with the
   * signal's reason, and only `close` may follow.
   *
   * Throws `TANDEM_SOURCE_OFFSET_OUT_OF_RANGE` when a position is no longer (or not yet) there, other `TANDEM_SOURCE_*`
   * codes for what can never heal (wrong password, unreadable file).
   */
  open(positions: Positions, signal?: AbortSignal): Promise<Positions>;
  /** At most `max` records; resolves as soon as there is at least one, or after `timeoutMs`, or when `signal` aborts (then empty). */
  poll(max: number, timeoutMs: number, signal?: AbortSignal): Promise<PollResult>;
  /** For lag tools only: these positions are safely in a checkpoint. */
  commit?(positions: Positions): Promise<void>;
  /** `undefined`: not known at the moment. A source that has it must come to 0 at the end: `tandem start --once` waits for that. */
  lag?(): Promise<Lag | undefined>;
  close(): Promise<void>;
}

/** The writing end of a source, for `tandem replay` and for producers without a client of their own. */
export interface InteractionSink {
  /** Durable when it resolves. `key` decides the partition: records of one user keep their order. */
  append(records: readonly { readonly key: string; readonly value: string }[]): Promise<void>;
  close(): Promise<void>;
}

/** Token of the extension point of the same name. */
export const InteractionSource: Token<InteractionSource> = token('InteractionSource');
