import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Environment } from '@tandem-rec/contract';
import type { Amount } from './budget.ts';

const BUSY_MS = 5_000;

/**
 * Answers of hosted models by content hash, and what each day cost, in one SQLite file of the cache folder that
 * processes may share. It only saves money and time: where it cannot be used, a warning says so, and it is kept in memory.
 */
export class ExchangeStore {
  readonly #env: Environment;
  readonly #answers: boolean;
  #database: DatabaseSync;

  /** `answers`: whether answers are kept; what days cost always is. */
  constructor(env: Environment, answers: boolean) {
    this.#env = env;
    this.#answers = answers;
    try {
      const folder = join(env.cacheFolder, 'exchanges');
      mkdirSync(folder, { recursive: true });
      this.#database = opened(join(folder, 'exchanges.sqlite'));
    } catch (error) {
      this.#database = this.#inMemory(error);
    }
  }

  answer(key: string): string | undefined {
    if (!this.#answers) return undefined;
    return this.#attempt(
      (database) =>
        database.prepare('select answer from answers where key = ?').get(key)?.['answer'] as string | undefined,
    );
  }

  keep(key: string, model: string, answer: string): void {
    if (!this.#answers) return;
    this.#attempt((database) =>
      database.prepare('insert into answers values (?, ?, ?) on conflict do nothing').run(key, model, answer),
    );
  }

  spentOn(day: string): Amount {
    const row = this.#attempt((database) => database.prepare('select tokens, money from days where day = ?').get(day));
    return { tokens: Number(row?.['tokens'] ?? 0), money: Number(row?.['money'] ?? 0) };
  }

  spend(day: string, { tokens, money }: Amount): void {
    this.#attempt((database) =>
      database
        .prepare(
          'insert into days values (?, ?, ?) on conflict do update set tokens = tokens + excluded.tokens, money = money + excluded.money',
        )
        .run(day, tokens, money),
    );
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #attempt<T>(act: (database: DatabaseSync) => T): T {
    try {
      return act(this.#database);
    } catch (error) {
      this.close();
      this.#database = this.#inMemory(error);
      return act(this.#database);
    }
  }

  #inMemory(error: unknown): DatabaseSync {
    this.#env.log.warn('The cache of exchanges cannot be used: going on with one in memory', {
      reason: (error as Error).message,
    });
    return opened(':memory:');
  }
}

function opened(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(`pragma busy_timeout = ${BUSY_MS}; pragma journal_mode = wal; pragma synchronous = normal;
      create table if not exists answers (key text primary key, model text not null, answer text not null) strict, without rowid;
      create table if not exists days (day text primary key, tokens real not null, money real not null) strict`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
