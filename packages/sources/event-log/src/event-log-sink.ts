import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TandemError, type Clock, type InteractionSink, type Logger } from '@tandem-rec/contract';
import { openLogFile, reasonOf } from './log-file.ts';
import { whenFree } from './patience.ts';

/** The writing end of an embedded event log. Each `append` is one transaction: all of its records or none. */
export class EventLogSink implements InteractionSink {
  readonly #path: string;
  readonly #env: { readonly log: Logger; readonly clock: Clock };
  #writer: { readonly database: DatabaseSync; readonly insert: StatementSync } | undefined;

  constructor(path: string, env: { readonly log: Logger; readonly clock: Clock }) {
    this.#path = path;
    this.#env = env;
  }

  async append(records: readonly { readonly key: string; readonly value: string }[]): Promise<void> {
    if (records.length === 0) return;
    try {
      await whenFree(() => this.#write(records), this.#env, this.#path);
    } catch (error) {
      throw new TandemError(
        'TANDEM_SOURCE_UNWRITABLE',
        `The event log ${this.#path} cannot be written: ${reasonOf(error)}.`,
        { cause: error, details: { path: this.#path } },
      );
    }
  }

  async close(): Promise<void> {
    this.#writer?.database.close();
    this.#writer = undefined;
  }

  #write(records: readonly { readonly key: string; readonly value: string }[]): void {
    const { database, insert } = (this.#writer ??= open(this.#path));
    const at = Math.round(this.#env.clock.nowMs());
    database.exec('begin immediate');
    try {
      for (const { key, value } of records)
        insert.run(key, value.includes('\0') ? Buffer.from(value, 'utf8') : value, at);
      database.exec('commit');
    } catch (error) {
      try {
        database.exec('rollback');
      } catch {
        // After some errors SQLite has rolled back by itself. The first error is the one to tell.
      }
      throw error;
    }
  }
}

function open(path: string): { readonly database: DatabaseSync; readonly insert: StatementSync } {
  const database = openLogFile(path);
  return { database, insert: database.prepare('insert into records (key, value, at) values (?, ?, ?)') };
}
