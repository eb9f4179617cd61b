import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const MAGIC = 0x43_56_54_31;
const KEY_BYTES = 32;
const HEAD_BYTES = 8 + KEY_BYTES;
const CHUNK_RECORDS = 1024;

/** The content hash of a text's vector: the same text in front of the same encoder. */
export const vectorKey = (encoder: string, text: string): Buffer =>
  createHash('sha256').update(`${encoder}\0${text}`).digest();

/**
 * Text vectors on disk by content hash, one append-only file an encoder. A record is magic, checksum, key and vector,
 * written by one call to a file opened for appending, so that processes may share it. What a crash tore is skipped: the
 * reader looks for the next record whose checksum is right.
 */
export class VectorCache {
  readonly path: string;
  readonly #file: number;
  readonly #dim: number;
  /** Position of each vector in the file, by key. */
  readonly #positions = new Map<string, number>();

  /** Opens or creates the file under `folder`. Throws what the file system throws. */
  constructor(folder: string, encoder: string, dim: number) {
    mkdirSync(folder, { recursive: true });
    this.path = join(folder, `${encoder}.vectors`);
    this.#dim = dim;
    this.#file = openSync(this.path, 'a+');
    this.#index();
  }

  /** Vectors that were in the file when it was opened, or added since. */
  get size(): number {
    return this.#positions.size;
  }

  /** Copies the vector into `into` at `at`; false if it is not there. */
  read(key: Buffer, into: Float32Array, at: number): boolean {
    const position = this.#positions.get(key.toString('base64'));
    if (position === undefined) return false;
    const bytes = Buffer.alloc(this.#dim * 4);
    if (readSync(this.#file, bytes, 0, bytes.length, position) < bytes.length) return false;
    for (let d = 0; d < this.#dim; d++) into[at + d] = bytes.readFloatLE(d * 4);
    return true;
  }

  /** Appends a vector. Throws what the file system throws, for example on a full disk. */
  add(key: Buffer, vector: Float32Array): void {
    const record = Buffer.alloc(this.#recordBytes);
    key.copy(record, 8);
    for (let d = 0; d < this.#dim; d++) record.writeFloatLE(vector[d], HEAD_BYTES + d * 4);
    record.writeUInt32LE(MAGIC, 0);
    record.writeUInt32LE(crc32(record.subarray(8)), 4);
    const written = writeSync(this.#file, record);
    if (written < record.length)
      throw new Error(`${this.path}: ${written} of ${record.length} bytes could be written.`);
    // Another process may have appended between: the record lies somewhere before the end.
    const end = fstatSync(this.#file).size;
    const found = Buffer.alloc(record.length);
    for (let at = end - record.length; at >= 0 && at >= end - 8 * record.length; at -= record.length) {
      readSync(this.#file, found, 0, found.length, at);
      if (found.equals(record)) {
        this.#positions.set(key.toString('base64'), at + HEAD_BYTES);
        return;
      }
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  get #recordBytes(): number {
    return HEAD_BYTES + this.#dim * 4;
  }

  #index(): void {
    const record = this.#recordBytes;
    const chunk = Buffer.alloc(record * CHUNK_RECORDS);
    const { size } = fstatSync(this.#file);
    for (let start = 0; start + record <= size;) {
      const bytes = readSync(this.#file, chunk, 0, Math.min(chunk.length, size - start), start);
      let at = 0;
      while (at + record <= bytes) {
        if (
          chunk.readUInt32LE(at) === MAGIC &&
          chunk.readUInt32LE(at + 4) === crc32(chunk.subarray(at + 8, at + record))
        ) {
          this.#positions.set(chunk.toString('base64', at + 8, at + HEAD_BYTES), start + at + HEAD_BYTES);
          at += record;
        } else at++;
      }
      if (at === 0) break;
      start += at;
    }
  }
}
