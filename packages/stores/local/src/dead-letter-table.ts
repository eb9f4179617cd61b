import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { TandemError, type DeadLetter, type DeadLetters } from '@tandem-rec/contract';
import { reasonOf } from './durable.ts';

const BUSY_MS = 5_000;

interface Open {
  readonly database: DatabaseSync;
  readonly insert: StatementSync;
  readonly version: StatementSync;
}

/**
 * Dead letters in an SQLite table keyed by position, so that a replay of the same records changes nothing. The file is
 * made with the first letter.
 */
export class DeadLetterTable implements DeadLetters {
  readonly #path: string;
  #open: Open | undefined;
  /** The count, as long as nobody else writes: SQLite's data version says so. */
  #counted: { readonly version: unknown; count: number } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  add(letters: readonly DeadLetter[]): void {
    if (letters.length === 0) return;
    try {
      const { database, insert } = this.#use();
      database.exec('begin immediate');
      let added = 0;
      try {
        // Values are kept as bytes: SQLite's text ends at a zero character for some readers.
        for (const { partition, offset, code, reason, value, atMs } of letters)
          added += Number(
            insert.run(partition, offset, code, reason, value === null ? null : Buffer.from(value, 'utf8'), atMs)
              .changes,
          );
        database.exec('commit');
      } catch (error) {
        try {
          database.exec('rollback');
        } catch {
          // After some errors SQLite has rolled back by itself. The first error is the one to tell.
        }
        throw error;
      }
      if (this.#counted) this.#counted.count += added;
    } catch (error) {
      if (TandemError.is(error)) throw error;
      throw new TandemError('TANDEM_DEAD_LETTER_WRITE', `${this.#path} could not be written: ${reasonOf(error)}`, {
        cause: error,
        details: { path: this.#path },
      });
    }
  }

  count(): number {
    if (!this.#exists()) return 0;
    const { database, version } = this.#use();
    const now = version.get()?.['data_version'];
    if (this.#counted === undefined || this.#counted.version !== now) {
      const row = database.prepare('select count(*) as count from letters').get();
      this.#counted = { version: now, count: Number(row?.['count']) };
    }
    return this.#counted.count;
  }

  list(limit: number): readonly DeadLetter[] {
    if (!this.#exists()) return [];
    return this.#use()
      .database.prepare('select partition, offset, code, reason, value, at from letters order by rowid desc limit ?')
      .all(Math.max(0, limit))
      .map((row) => ({
        partition: Number(row['partition']),
        offset: Number(row['offset']),
        code: String(row['code']),
        reason: String(row['reason']),
        value: row['value'] === null ? null : Buffer.from(row['value'] as Uint8Array).toString('utf8'),
        atMs: Number(row['at']),
      }));
  }

  close(): void {
    this.#open?.database.close();
    this.#open = undefined;
  }

  #exists(): boolean {
    return this.#open !== undefined || existsSync(this.#path);
  }

  #use(): Open {
    try {
      return (this.#open ??= this.#make());
    } catch (error) {
      throw new TandemError('TANDEM_DEAD_LETTER_WRITE', `${this.#path} could not be opened: ${reasonOf(error)}`, {
        cause: error,
        details: { path: this.#path },
      });
    }
  }

  #make(): Open {
    mkdirSync(dirname(this.#path), { recursive: true });
    const database = new DatabaseSync(this.#path);
    try {
      // `synchronous = full`: a letter is on the disk before the offsets that skip its record are in a checkpoint.
      database.exec(`pragma busy_timeout = ${BUSY_MS}; pragma journal_mode = wal; pragma synchronous = full;
        create table if not exists letters (
          partition integer not null, offset integer not null, code text not null, reason text not null,
          value blob, at real not null, unique (partition, offset)
        ) strict`);
      const insert = database.prepare('insert into letters values (?, ?, ?, ?, ?, ?) on conflict do nothing');
      return { database, insert, version: database.prepare('pragma data_version') };
    } catch (error) {
      database.close();
      throw error;
    }
  }
}
