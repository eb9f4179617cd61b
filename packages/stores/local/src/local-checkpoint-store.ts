import { join } from 'node:path';
import type { Checkpoint, CheckpointInfo, CheckpointStore, Clock, Logger } from '@tandem-rec/contract';
import { CheckpointFolder } from './checkpoint-folder.ts';
import { DeadLetterTable } from './dead-letter-table.ts';
import { LocalJournal } from './local-journal.ts';
import { RunLock } from './run-lock.ts';

/**
 * A run in a local directory:
 *
 * ```
 * run.lock, run.lock.json      who writes it
 * checkpoints/checkpoint-….tandem
 * journal/journal-….log
 * dead-letters.sqlite
 * ```
 *
 * Reading needs no lock, also while another process writes.
 */
export class LocalCheckpointStore implements CheckpointStore {
  readonly journal: LocalJournal;
  readonly deadLetters: DeadLetterTable;
  readonly #folder: string;
  readonly #checkpoints: CheckpointFolder;
  readonly #clock: Clock;
  #lock: RunLock | undefined;

  /** `folder`: absolute path. `keep`: how many checkpoints stay. */
  constructor(folder: string, keep: number, { log, clock }: { readonly log: Logger; readonly clock: Clock }) {
    this.#folder = folder;
    this.#clock = clock;
    this.#checkpoints = new CheckpointFolder(join(folder, 'checkpoints'), keep, log);
    this.journal = new LocalJournal(join(folder, 'journal'), log);
    this.deadLetters = new DeadLetterTable(join(folder, 'dead-letters.sqlite'));
  }

  async lock(): Promise<{ release(): Promise<void> }> {
    const lock = RunLock.acquire(this.#folder, this.#clock.nowMs());
    this.#lock = lock;
    await this.#checkpoints.clean();
    return { release: async () => lock.release() };
  }

  write(checkpoint: Checkpoint): Promise<CheckpointInfo> {
    return this.#checkpoints.write(checkpoint);
  }

  list(): Promise<readonly CheckpointInfo[]> {
    return this.#checkpoints.list();
  }

  read(id?: string): Promise<Checkpoint | undefined> {
    return this.#checkpoints.read(id);
  }

  /** Gives the lock back as well. */
  async close(): Promise<void> {
    this.journal.close();
    this.deadLetters.close();
    this.#lock?.release();
  }
}
