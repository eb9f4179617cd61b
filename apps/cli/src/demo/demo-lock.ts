import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TandemError } from '@tandem-rec/contract';

const SQLITE_BUSY = 5;

/** What a second demonstration in the same folder is told. */
export const runningAlready = (folder: string): TandemError =>
  new TandemError('TANDEM_RUN_LOCKED', `A demonstration is running here already, in ${folder}.`, {
    remedy: 'End it with Ctrl-C, ask it with `tandem recommend`, or start in another folder.',
    details: { folder },
  });

/**
 * The exclusive lock of a demonstration's folder, beside it: the folder itself is removed and made anew. SQLite's lock on
 * an empty database, held through an open transaction: the operating system drops it with the process, however that ends,
 * so that there is never a stale one to judge.
 *
 * @throws `TANDEM_RUN_LOCKED` if a demonstration runs there; `TANDEM_RUN_UNWRITABLE` if nothing can be written there.
 */
export function lockDemo(folder: string): { release(): void } {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    database = new DatabaseSync(`${folder}.lock`);
    database.exec('pragma busy_timeout = 0; begin exclusive');
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw runningAlready(folder);
    throw new TandemError('TANDEM_RUN_UNWRITABLE', `${folder} cannot be used: ${(error as Error).message}`, {
      cause: error,
      details: { folder },
    });
  }
  const held = database;
  return { release: () => held.close() };
}
