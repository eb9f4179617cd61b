import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** How long SQLite itself waits for another process before it says so, milliseconds. */
const BUSY_MS = 250;

/**
 * Opens the log's file and makes it where it is missing.
 *
 * One table: `records (offset, key, value, at)`. Offsets start at 1, have no gaps and are never given out again. Values
 * are text; one with a zero character is kept as bytes, since SQLite's text ends there for some readers. `at` is when the
 * record was appended, milliseconds since the epoch. The file is in WAL mode: readers and the writer, of any number of
 * processes, do not wait for each other.
 */
export function openLogFile(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  try {
    database.exec(`pragma busy_timeout = ${BUSY_MS}; pragma journal_mode = wal; pragma synchronous = full;
      create table if not exists records (offset integer primary key autoincrement, key text not null, value not null, at integer not null)`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** True if only another process is in the way: SQLITE_BUSY or SQLITE_LOCKED. */
export function isBusy(error: unknown): boolean {
  const { errcode } = error as { readonly errcode?: number };
  return errcode !== undefined && [5, 6].includes(errcode & 0xff);
}

/** What SQLite or the operating system said, in one line. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
