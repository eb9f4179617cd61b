import type {
  Checkpoint,
  CheckpointStore,
  Clock,
  DeadLetter,
  InteractionSource,
  JournalEntry,
  Logger,
  PollResult,
  Positions,
  SourceRecord,
  State,
} from '@tandem-rec/contract';
import type { LoopWorld } from '../src/index.ts';

/** The process is gone: nothing after it happened. */
export class Crash extends Error {}

/** What is on the disk: it survives a crash. */
export class Disk {
  /** In order of writing. */
  checkpoints: Checkpoint[] = [];
  journal: JournalEntry[] = [];
  /** Every entry that was ever on it, by sequence. */
  readonly history = new Map<number, JournalEntry>();
  readonly letters = new Map<string, DeadLetter>();
  /** What the broker was told. */
  committed: ReadonlyMap<number, number> = new Map();

  get newest(): Checkpoint {
    const newest = this.checkpoints.at(-1);
    if (!newest) throw new Error('There is no checkpoint.');
    return newest;
  }
}

/** Everything that may end a process, in the order in which it happens. */
export type Moment =
  | 'poll'
  | 'before append'
  | 'torn append'
  | 'after append'
  | 'dead letters'
  | 'before write'
  | 'torn write'
  | 'after write'
  | 'before forget'
  | 'commit';

/** Crashes when the count of moments has run down. */
export class Fate {
  readonly met: Moment[] = [];
  #left: number;

  constructor(moments: number) {
    this.#left = moments;
  }

  meet(moment: Moment): void {
    this.met.push(moment);
    if (this.#left-- <= 0) throw new Crash(moment);
  }
}

/** Time that moves a little whenever somebody looks: no two runs have the same, as with a real clock. */
export class RestlessClock implements Clock {
  #ms: number;
  readonly #step: number;

  constructor(startMs: number, step: number) {
    this.#ms = startMs;
    this.#step = step;
  }

  nowMs(): number {
    return (this.#ms += this.#step);
  }

  monotonicMs(): number {
    return (this.#ms += this.#step);
  }

  async sleep(ms: number): Promise<void> {
    this.#ms += ms;
  }
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A process's view of a disk and of a bounded source of several partitions, until `fate` ends it. */
export function crashingWorld(
  disk: Disk,
  partitions: readonly (readonly SourceRecord[])[],
  fate: Fate,
  clock: Clock,
): LoopWorld {
  return {
    source: sourceOf(partitions, disk, fate),
    store: storeOf(disk, fate),
    clock,
    log: SILENT,
    platform: {},
    differences: (was, is) => [`${JSON.stringify(was)} → ${JSON.stringify(is)}`],
  };
}

function sourceOf(partitions: readonly (readonly SourceRecord[])[], disk: Disk, fate: Fate): InteractionSource {
  const next = partitions.map(() => 0);
  return {
    async open(positions: Positions) {
      for (const [p, records] of partitions.entries()) {
        const at = positions.get(p) ?? 0;
        const index = records.findIndex(({ offset }) => offset >= at);
        next[p] = index < 0 ? records.length : index;
      }
      return new Map(partitions.map((_, p) => [p, positions.get(p) ?? 0]));
    },
    // The partitions take turns, a few records each.
    async poll(max): Promise<PollResult> {
      fate.meet('poll');
      const records: SourceRecord[] = [];
      for (const [p, all] of partitions.entries()) {
        const taken = all.slice(next[p], next[p] + Math.min(3, max - records.length));
        next[p] += taken.length;
        records.push(...taken);
      }
      return { records, ended: partitions.every((all, p) => next[p] === all.length) };
    },
    async commit(positions) {
      fate.meet('commit');
      disk.committed = positions;
    },
    lag: async () => ({ records: partitions.reduce((sum, all, p) => sum + all.length - next[p], 0) }),
    async close() {},
  };
}

function storeOf(disk: Disk, fate: Fate): CheckpointStore {
  return {
    lock: async () => ({ release: async () => {} }),
    async write(checkpoint) {
      fate.meet('before write');
      const copy: Checkpoint = { ...checkpoint, states: copied(checkpoint.states) };
      // A file without its name is nothing.
      fate.meet('torn write');
      disk.checkpoints = [...disk.checkpoints.slice(-2), copy];
      fate.meet('after write');
      return { id: String(checkpoint.sequence), sequence: checkpoint.sequence, atMs: checkpoint.atMs, bytes: 0 };
    },
    list: async () => [],
    read: async () => {
      const newest = disk.checkpoints.at(-1);
      return newest && { ...newest, states: copied(newest.states) };
    },
    journal: {
      append(entry) {
        fate.meet('before append');
        // Half of an entry is cut off by whoever looks next.
        fate.meet('torn append');
        if (disk.journal.some(({ sequence }) => sequence >= entry.sequence))
          throw new Error(`Entry ${entry.sequence} is there already.`);
        disk.journal.push(structuredClone(entry));
        disk.history.set(entry.sequence, structuredClone(entry));
        fate.meet('after append');
      },
      after: async (sequence) => disk.journal.filter((entry) => entry.sequence > sequence),
      async forget(sequence) {
        fate.meet('before forget');
        disk.journal = disk.journal.filter((entry) => entry.sequence > sequence);
      },
    },
    deadLetters: {
      add(letters) {
        fate.meet('dead letters');
        for (const letter of letters) disk.letters.set(`${letter.partition}:${letter.offset}`, letter);
      },
      count: () => disk.letters.size,
      list: () => [...disk.letters.values()],
    },
    async close() {},
  };
}

const copied = (states: Readonly<Record<string, State>>): Record<string, State> =>
  structuredClone(states) as Record<string, State>;
