import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError, type Checkpoint, type CheckpointInfo, type Logger } from '@tandem-rec/contract';
import {
  DamagedCheckpoint,
  inspectCheckpointFile,
  readCheckpointFile,
  writeCheckpointFile,
} from './checkpoint-file.ts';
import { isMissing, reasonOf, syncFolder } from './durable.ts';

const NAME = /^checkpoint-(\d{16})\.tandem$/;
const TEMPORARY = /^checkpoint-\d{16}\.tandem\.\d+\.tmp$/;

interface Found {
  readonly id: string;
  readonly sequence: number;
}

type Verdict = { readonly valid: true; readonly info: CheckpointInfo } | { readonly valid: false };

/** Checkpoints as files of one folder, named by their sequence. A file gets its name only when it is whole and on the disk. */
export class CheckpointFolder {
  readonly #folder: string;
  readonly #keep: number;
  readonly #log: Logger;
  /** What is known of a file, as long as its size and time of change stay the same. */
  readonly #verdicts = new Map<string, { readonly mark: string; readonly verdict: Verdict }>();

  constructor(folder: string, keep: number, log: Logger) {
    this.#folder = folder;
    this.#keep = keep;
    this.#log = log;
  }

  async write(checkpoint: Checkpoint): Promise<CheckpointInfo> {
    const id = `checkpoint-${String(checkpoint.sequence).padStart(16, '0')}`;
    const path = this.#path(id);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(this.#folder, { recursive: true });
      const bytes = await writeCheckpointFile(temporary, checkpoint);
      await rename(temporary, path);
      await syncFolder(this.#folder);
      const info: CheckpointInfo = { id, sequence: checkpoint.sequence, atMs: checkpoint.atMs, bytes };
      this.#verdicts.set(id, { mark: await markOf(path), verdict: { valid: true, info } });
      await this.#prune().catch((error: unknown) =>
        this.#log.warn('Older checkpoints could not be removed.', { reason: reasonOf(error) }),
      );
      return info;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new TandemError(
        'TANDEM_CHECKPOINT_WRITE',
        `The checkpoint ${path} could not be written: ${reasonOf(error)}`,
        { cause: error, details: { path } },
      );
    }
  }

  async list(): Promise<readonly CheckpointInfo[]> {
    const infos: CheckpointInfo[] = [];
    for (const found of await this.#files()) {
      const verdict = await this.#inspect(found);
      if (verdict.valid) infos.push(verdict.info);
    }
    return infos;
  }

  async read(id?: string): Promise<Checkpoint | undefined> {
    // The writer may remove an old file between the listing and the reading: then look again.
    for (;;) {
      const files = (await this.#files()).filter((found) => id === undefined || found.id === id);
      let vanished = false;
      for (const found of files) {
        try {
          return await readCheckpointFile(this.#path(found.id));
        } catch (error) {
          if (isMissing(error)) vanished = true;
          else this.#skip(found, error);
        }
      }
      if (!vanished) return undefined;
    }
  }

  /** Removes what a killed writer left behind. Only for the holder of the lock. */
  async clean(): Promise<void> {
    for (const name of await namesIn(this.#folder))
      if (TEMPORARY.test(name)) await rm(join(this.#folder, name), { force: true });
  }

  /** Keeps the newest valid ones, and removes what is older than they are. */
  async #prune(): Promise<void> {
    let kept = 0;
    for (const found of await this.#files()) {
      if (kept === this.#keep) {
        await rm(this.#path(found.id), { force: true });
        this.#verdicts.delete(found.id);
      } else if ((await this.#inspect(found)).valid) kept += 1;
    }
  }

  async #inspect(found: Found): Promise<Verdict> {
    try {
      const mark = await markOf(this.#path(found.id));
      const known = this.#verdicts.get(found.id);
      if (known?.mark === mark) return known.verdict;
      const verdict = await this.#verify(found);
      this.#verdicts.set(found.id, { mark, verdict });
      return verdict;
    } catch (error) {
      if (isMissing(error)) return { valid: false };
      throw error;
    }
  }

  async #verify(found: Found): Promise<Verdict> {
    try {
      return { valid: true, info: { ...found, ...(await inspectCheckpointFile(this.#path(found.id))) } };
    } catch (error) {
      if (isMissing(error)) throw error;
      this.#skip(found, error);
      return { valid: false };
    }
  }

  #skip(found: Found, error: unknown): void {
    const why = error instanceof DamagedCheckpoint ? error.message : `it cannot be read (${reasonOf(error)})`;
    this.#log.warn(`Checkpoint ${found.id} is left out: ${why}.`, { path: this.#path(found.id) });
  }

  /** Newest first. */
  async #files(): Promise<readonly Found[]> {
    const found: Found[] = [];
    for (const name of await namesIn(this.#folder)) {
      const match = NAME.exec(name);
      if (match) found.push({ id: name.slice(0, -'.tandem'.length), sequence: Number(match[1]) });
    }
    return found.sort((a, b) => b.sequence - a.sequence);
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.tandem`);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function markOf(path: string): Promise<string> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}
