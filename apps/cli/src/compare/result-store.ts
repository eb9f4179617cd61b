import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '@tandem-rec/contract';
import type { RunResult } from './run-result.ts';

/** Finished runs by their keys, a file each: what is there is not trained again. */
export class ResultStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where a run keeps its state while it is not finished. */
  runFolder(key: string): string {
    return join(this.folder, `${key}.run`);
  }

  /** Undefined where there is none, or nothing that can be read as one. */
  async read(key: string): Promise<RunResult | undefined> {
    const text = await readFile(this.#file(key), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      const result = JSON.parse(text) as RunResult;
      return result.format === 1 ? result : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whole or not at all, and what the run kept meanwhile goes. Throws `TANDEM_RUN_UNWRITABLE`. */
  async write(key: string, result: RunResult): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      const making = `${this.#file(key)}.${process.pid}.tmp`;
      await writeFile(making, JSON.stringify(result));
      await rename(making, this.#file(key));
      await rm(this.runFolder(key), { recursive: true, force: true });
    } catch (error) {
      throw new TandemError('TANDEM_RUN_UNWRITABLE', `${this.#file(key)}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /** Forgets a run, finished or not. */
  async forget(key: string): Promise<void> {
    await rm(this.#file(key), { force: true });
    await rm(this.runFolder(key), { recursive: true, force: true });
  }

  #file(key: string): string {
    return join(this.folder, `${key}.json`);
  }
}
