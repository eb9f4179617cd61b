import { token, type Token } from './token.ts';
import type { JsonValue } from './json.ts';
import type { State } from './state.ts';

/** The next offset to read, by partition, as plain data. */
export type Offsets = { readonly [partition: string]: number };

/** Everything a run is at one moment. */
export interface Checkpoint {
  /** Grows by one with each checkpoint of a run. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Hash and readable form of the composition it belongs to: another one is refused, naming the difference. */
  readonly composition: { readonly hash: string; readonly description: JsonValue };
  /** Machine, backend and threads: bit-identity is promised on the same only. */
  readonly platform: { readonly [key: string]: JsonValue };
  readonly offsets: Offsets;
  /** Journal entries up to and including this number are contained. */
  readonly journalSequence: number;
  /** By component name, for example `fism`, `bridge`, `gate`, `tables`, `loop`. */
  readonly states: { readonly [component: string]: State };
}

export interface CheckpointInfo {
  readonly id: string;
  readonly sequence: number;
  readonly atMs: number;
  readonly bytes: number;
}

/** A contiguous run of records of one partition: offsets `from … to` inclusive, `count` records (gaps are possible). */
export interface JournalSegment {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** What was decided about one batch, durable before the batch is trained. A replay repeats the decision, not the clock. */
export interface JournalEntry {
  readonly sequence: number;
  /** The records of the batch, in this order. */
  readonly segments: readonly JournalSegment[];
  /** Whatever time decided, for example `{ "skip": ["transformer"] }`. */
  readonly decisions: { readonly [key: string]: JsonValue };
}

/** An append-only log of batches. */
export interface Journal {
  /** Durable (fsync) when it resolves. */
  append(entry: JournalEntry): Promise<void> | void;
  /** Entries after `sequence`, in order. A torn last entry is left out. */
  after(sequence: number): Promise<readonly JournalEntry[]>;
  /** Entries up to `sequence` are in a checkpoint that is kept and will not be asked for again. */
  forget(sequence: number): Promise<void>;
}

/** A record that could not be used, with why and where it stood. */
export interface DeadLetter {
  readonly partition: number;
  readonly offset: number;
  readonly code: string;
  readonly reason: string;
  /** The record as received; bytes that are not UTF-8 become U+FFFD. */
  readonly value: string | null;
  readonly atMs: number;
}

/** Where bad records are kept. Writing the same position twice keeps one. */
export interface DeadLetters {
  add(letters: readonly DeadLetter[]): Promise<void> | void;
  count(): number;
  list(limit: number): readonly DeadLetter[];
}

/**
 * The durable side of a run: checkpoints, journal, dead letters. A write either is there completely or not at all;
 * a failed write leaves the older checkpoints valid and throws `TANDEM_CHECKPOINT_WRITE`.
 */
export interface CheckpointStore {
  /** For the one writer of a run. Throws `TANDEM_RUN_LOCKED`, naming the holder, if another process writes it. */
  lock(): Promise<{ release(): Promise<void> }>;
  write(checkpoint: Checkpoint): Promise<CheckpointInfo>;
  /** Newest first; incomplete or damaged ones are left out. */
  list(): Promise<readonly CheckpointInfo[]>;
  /** The newest valid one, or that with `id`. Damaged files are skipped with a warning in the log. */
  read(id?: string): Promise<Checkpoint | undefined>;
  readonly journal: Journal;
  readonly deadLetters: DeadLetters;
  close(): Promise<void>;
}

/** Token of the extension point of the same name. */
export const CheckpointStore: Token<CheckpointStore> = token('CheckpointStore');
