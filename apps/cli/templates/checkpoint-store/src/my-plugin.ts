import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import {
  defineCheckpointStore,
  TandemError,
  z,
  type Checkpoint,
  type CheckpointInfo,
  type CheckpointStore,
  type DeadLetter,
  type DeadLetters,
  type Journal,
  type JournalEntry,
  type NumericArray,
} from '@tandem-rec/contract';

/**
 * Keeps a run in a folder: checkpoints with a hash each, journal and dead letters as JSON lines.
 *
 * @example
 * defineConfig({ store: myPlugin({ folder: 'runs/first' }), … })
 */
export const myPlugin = defineCheckpointStore({
  id: 'my-plugin#myPlugin',
  summary: 'A folder of plain files.',
  options: z.strictObject({
    folder: z.string().min(1).describe('The folder of the run, relative to the configuration.'),
    keep: z.int().min(1).default(3).describe('How many checkpoints stay.'),
  }),
  create: ({ folder, keep }, { resolvePath }) => new MyPluginStore(resolvePath(folder), keep),
});

const HASH_BYTES = 32;

class MyPluginStore implements CheckpointStore {
  readonly journal: Journal;
  readonly deadLetters: DeadLetters;
  readonly #folder: string;
  readonly #keep: number;
  #release: () => void = () => {};

  constructor(folder: string, keep: number) {
    this.#folder = folder;
    this.#keep = keep;
    this.journal = new JournalFile(join(folder, 'journal.jsonl'));
    this.deadLetters = new DeadLetterFile(join(folder, 'dead-letters.jsonl'));
  }

  async lock(): Promise<{ release(): Promise<void> }> {
    const path = join(this.#folder, 'lock');
    mkdirSync(this.#folder, { recursive: true });
    // A holder that is gone holds nothing.
    if (existsSync(path) && !isAlive(Number(readFileSync(path, 'utf8')))) rmSync(path, { force: true });
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
    } catch (cause) {
      throw new TandemError(
        'TANDEM_RUN_LOCKED',
        `${this.#folder} is written by process ${existsSync(path) ? readFileSync(path, 'utf8') : 'unknown'}.`,
        { cause },
      );
    }
    let held = true;
    this.#release = () => {
      if (held) rmSync(path, { force: true });
      held = false;
    };
    return { release: async () => this.#release() };
  }

  async write(checkpoint: Checkpoint): Promise<CheckpointInfo> {
    const id = `${String(checkpoint.sequence).padStart(12, '0')}.checkpoint`;
    const path = join(this.#folder, id);
    try {
      mkdirSync(this.#folder, { recursive: true });
      const content = serialize(detached(checkpoint));
      writeDurably(`${path}.tmp`, Buffer.concat([hashOf(content), content]));
      // Either there completely or not at all.
      renameSync(`${path}.tmp`, path);
    } catch (cause) {
      throw new TandemError('TANDEM_CHECKPOINT_WRITE', `${path}: ${(cause as Error).message}`, { cause });
    }
    for (const old of this.#valid().slice(this.#keep)) rmSync(join(this.#folder, old.info.id), { force: true });
    return infoOf(id, checkpoint, readFileSync(path).length);
  }

  async list(): Promise<readonly CheckpointInfo[]> {
    return this.#valid().map(({ info }) => info);
  }

  async read(id?: string): Promise<Checkpoint | undefined> {
    return this.#valid().find(({ info }) => id === undefined || info.id === id)?.checkpoint;
  }

  async close(): Promise<void> {
    this.#release();
  }

  /** Newest first; what is damaged is left out. */
  #valid(): readonly { readonly info: CheckpointInfo; readonly checkpoint: Checkpoint }[] {
    const ids = existsSync(this.#folder)
      ? readdirSync(this.#folder).filter((name) => name.endsWith('.checkpoint'))
      : [];
    return ids
      .sort()
      .toReversed()
      .flatMap((id) => {
        const bytes = readFileSync(join(this.#folder, id));
        const content = bytes.subarray(HASH_BYTES);
        if (!hashOf(content).equals(bytes.subarray(0, HASH_BYTES))) return [];
        const checkpoint = deserialize(content) as Checkpoint;
        return [{ info: infoOf(id, checkpoint, bytes.length), checkpoint }];
      });
  }
}

class JournalFile implements Journal {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  append(entry: JournalEntry): void {
    try {
      repair(this.#path);
      appendDurably(this.#path, `${JSON.stringify(entry)}\n`);
    } catch (cause) {
      throw new TandemError('TANDEM_JOURNAL_WRITE', `${this.#path}: ${(cause as Error).message}`, { cause });
    }
  }

  async after(sequence: number): Promise<readonly JournalEntry[]> {
    return linesOf<JournalEntry>(this.#path).filter((entry) => entry.sequence > sequence);
  }

  async forget(sequence: number): Promise<void> {
    const kept = linesOf<JournalEntry>(this.#path).filter((entry) => entry.sequence > sequence);
    writeDurably(`${this.#path}.tmp`, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    renameSync(`${this.#path}.tmp`, this.#path);
  }
}

class DeadLetterFile implements DeadLetters {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  add(letters: readonly DeadLetter[]): void {
    const known = new Set(linesOf<DeadLetter>(this.#path).map(placeOf));
    const fresh = letters.filter((letter) => !known.has(placeOf(letter)));
    try {
      repair(this.#path);
      appendDurably(this.#path, fresh.map((letter) => `${JSON.stringify(letter)}\n`).join(''));
    } catch (cause) {
      throw new TandemError('TANDEM_DEAD_LETTER_WRITE', `${this.#path}: ${(cause as Error).message}`, { cause });
    }
  }

  count(): number {
    return linesOf(this.#path).length;
  }

  list(limit: number): readonly DeadLetter[] {
    return linesOf<DeadLetter>(this.#path).toReversed().slice(0, limit);
  }
}

const infoOf = (id: string, { sequence, atMs }: Checkpoint, bytes: number): CheckpointInfo => ({
  id,
  sequence,
  atMs,
  bytes,
});

const hashOf = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest();

const placeOf = ({ partition, offset }: DeadLetter): string => `${partition}:${offset}`;

/** The same checkpoint with arrays of its own: those of the engine may lie in memory shared between threads. */
const detached = (checkpoint: Checkpoint): Checkpoint => ({
  ...checkpoint,
  states: Object.fromEntries(
    Object.entries(checkpoint.states).map(([name, state]) => [
      name,
      { ...state, arrays: state.arrays.map((array) => ({ ...array, data: array.data.slice() as NumericArray })) },
    ]),
  ),
});

/** Whole lines only: the last one may have been torn by a power cut. */
function linesOf<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}

/** Cuts off a torn last line, so that the next one does not continue it. */
function repair(path: string): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole < bytes.length) truncateSync(path, whole);
}

function appendDurably(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const file = openSync(path, 'a');
  try {
    appendFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeDurably(path: string, content: string | Uint8Array): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const file = openSync(path, 'w');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
