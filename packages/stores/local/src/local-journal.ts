import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { TandemError, type Journal, type JournalEntry, type Logger } from '@tandem-rec/contract';
import { isMissing, reasonOf, syncFolderNow } from './durable.ts';
import { decodeFrames, encodeFrame } from './journal-frames.ts';

const NAME = /^journal-(\d{16})\.log$/;
const ROTATE_BYTES = 64 << 20;

interface Segment {
  readonly path: string;
  /** Sequence of its first entry. */
  readonly first: number;
}

/** The segment that is written, with its one open descriptor. */
interface Tail {
  readonly segment: Segment;
  readonly fd: number;
  bytes: number;
}

/**
 * The journal as segments of one folder, named by their first entry. `append` returns when the entry is on the disk; it
 * is synchronous because the loop has nothing to do until then (one `fdatasync`). `forget` starts a new segment and
 * removes those that hold nothing else.
 */
export class LocalJournal implements Journal {
  readonly #folder: string;
  readonly #log: Logger;
  #tail: Tail | undefined;
  /** Sequence of the last entry; −∞ if there is none; undefined before the first look. */
  #last: number | undefined;

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  append(entry: JournalEntry): void {
    try {
      this.#last ??= this.#recover();
      if (entry.sequence <= this.#last)
        throw new RangeError(`entry ${entry.sequence} follows entry ${this.#last}; numbers must grow`);
      const tail = this.#tail ?? this.#begin(entry.sequence);
      const frame = encodeFrame(entry);
      for (let at = 0; at < frame.length;) at += writeSync(tail.fd, frame, at);
      fdatasyncSync(tail.fd);
      tail.bytes += frame.length;
      this.#last = entry.sequence;
      if (tail.bytes >= ROTATE_BYTES) this.#rotate();
    } catch (error) {
      // What reached the disk is unknown: the next append looks, and cuts off what is torn.
      this.#rotate();
      this.#last = undefined;
      throw new TandemError(
        'TANDEM_JOURNAL_WRITE',
        `The journal in ${this.#folder} could not be written: ${reasonOf(error)}`,
        { cause: error, details: { folder: this.#folder } },
      );
    }
  }

  async after(sequence: number): Promise<readonly JournalEntry[]> {
    const segments = this.#segments();
    const entries: JournalEntry[] = [];
    for (const [i, segment] of segments.entries()) {
      const next = segments[i + 1];
      // The next one begins right after this one ends, at the latest.
      if (next && next.first <= sequence + 1) continue;
      const read = readSegment(segment);
      if (read === undefined) continue;
      for (const entry of read.entries) if (entry.sequence > sequence) entries.push(entry);
      if (read.torn && next) {
        this.#log.warn('The journal is damaged: the entries after the damage are left out.', {
          path: segment.path,
          lastGood: read.entries.at(-1)?.sequence,
        });
        break;
      }
    }
    return entries;
  }

  async forget(sequence: number): Promise<void> {
    try {
      this.#last ??= this.#recover();
      const segments = this.#segments();
      const forgotten = segments.filter((_, i) => (segments[i + 1]?.first ?? this.#last! + 1) <= sequence + 1);
      if (segments.at(-1)?.path === this.#tail?.segment.path) this.#rotate();
      for (const { path } of forgotten) rmSync(path, { force: true });
      if (forgotten.length > 0) syncFolderNow(this.#folder);
    } catch (error) {
      throw new TandemError(
        'TANDEM_JOURNAL_WRITE',
        `The journal in ${this.#folder} could not be shortened: ${reasonOf(error)}`,
        { cause: error, details: { folder: this.#folder } },
      );
    }
  }

  close(): void {
    this.#rotate();
  }

  /** Looks what is there before the first write: a torn entry is cut off, and so is whatever follows damage. */
  #recover(): number {
    let last = Number.NEGATIVE_INFINITY;
    const segments = this.#segments();
    for (const [i, segment] of segments.entries()) {
      const read = readSegment(segment);
      if (read === undefined) continue;
      last = read.entries.at(-1)?.sequence ?? last;
      if (!read.torn) continue;
      if (read.end === 0) rmSync(segment.path);
      else cutDurably(segment.path, read.end);
      const lost = segments.slice(i + 1);
      if (lost.length > 0)
        this.#log.warn('The journal is damaged: the entries after the damage are removed.', {
          path: segment.path,
          lastGood: last,
        });
      for (const { path } of lost) rmSync(path);
      syncFolderNow(this.#folder);
      break;
    }
    return last;
  }

  #begin(first: number): Tail {
    mkdirSync(this.#folder, { recursive: true });
    const segment = { path: join(this.#folder, `journal-${String(first).padStart(16, '0')}.log`), first };
    const fd = openSync(segment.path, 'a');
    this.#tail = { segment, fd, bytes: 0 };
    syncFolderNow(this.#folder);
    return this.#tail;
  }

  #rotate(): void {
    if (this.#tail === undefined) return;
    const { fd } = this.#tail;
    this.#tail = undefined;
    closeSync(fd);
  }

  /** In order. */
  #segments(): readonly Segment[] {
    try {
      return readdirSync(this.#folder)
        .flatMap((name) => {
          const match = NAME.exec(name);
          return match ? [{ path: join(this.#folder, name), first: Number(match[1]) }] : [];
        })
        .sort((a, b) => a.first - b.first);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}

/** A cut that did not last would come back as damage before the entries that follow. */
function cutDurably(path: string, length: number): void {
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, length);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function readSegment(
  segment: Segment,
): { readonly entries: readonly JournalEntry[]; readonly end: number; readonly torn: boolean } | undefined {
  try {
    const bytes = readFileSync(segment.path);
    const { entries, end } = decodeFrames(bytes);
    return { entries, end, torn: end < bytes.length };
  } catch (error) {
    // Forgotten by the writer since the folder was listed.
    if (isMissing(error)) return undefined;
    throw error;
  }
}
