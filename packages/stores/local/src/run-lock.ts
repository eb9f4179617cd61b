import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TandemError } from '@tandem-rec/contract';
import { reasonOf } from './durable.ts';

const SQLITE_BUSY = 5;

/** Who holds a lock, for people. */
interface Holder {
  readonly pid: number;
  readonly sinceMs: number;
}

/**
 * The exclusive lock of a run directory: SQLite's lock on the empty database `run.lock`, held through an open
 * transaction. The operating system drops it with the process, however that ends, so that there is never a stale lock to
 * judge: no race between two who take it over, no mistake over a process id that was given out again, and ids of another
 * container do not matter. `run.lock.json` names the holder for messages; it decides nothing.
 *
 * Nothing else may open `run.lock`: closing any descriptor of a file drops the POSIX locks its process has on it.
 */
export class RunLock {
  readonly #database: DatabaseSync;
  readonly #holderPath: string;
  #held = true;

  private constructor(database: DatabaseSync, holderPath: string) {
    this.#database = database;
    this.#holderPath = holderPath;
  }

  /**
   * @throws `TANDEM_RUN_LOCKED`, naming the holder's process id, if the directory is locked, here or in another process;
   *   `TANDEM_RUN_UNWRITABLE` if it cannot be written.
   */
  static acquire(folder: string, nowMs: number): RunLock {
    const holderPath = join(folder, 'run.lock.json');
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(folder, { recursive: true });
      database = new DatabaseSync(join(folder, 'run.lock'));
      database.exec('pragma busy_timeout = 0; begin exclusive');
      writeHolder(holderPath, { pid: process.pid, sinceMs: nowMs });
      return new RunLock(database, holderPath);
    } catch (error) {
      database?.close();
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw lockedBy(folder, readHolder(holderPath));
      throw new TandemError('TANDEM_RUN_UNWRITABLE', `The run directory ${folder} cannot be used: ${reasonOf(error)}`, {
        cause: error,
        details: { folder },
      });
    }
  }

  /** Twice does no harm. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    rmSync(this.#holderPath, { force: true });
    this.#database.close();
  }
}

function lockedBy(folder: string, holder: Holder | undefined): TandemError {
  const who = holder ? `process ${holder.pid}, since ${new Date(holder.sinceMs).toISOString()}` : 'another process';
  return new TandemError('TANDEM_RUN_LOCKED', `The run directory ${folder} is being written by ${who}.`, {
    details: { folder, pid: holder?.pid },
  });
}

function writeHolder(path: string, holder: Holder): void {
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, JSON.stringify(holder));
  renameSync(temporary, path);
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}
