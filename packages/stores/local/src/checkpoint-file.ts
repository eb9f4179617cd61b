import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Checkpoint, JsonValue, NamedArray, State } from '@tandem-rec/contract';
import { dtypeOf, viewOf, type Dtype } from './dtypes.ts';

/*
 * The format, version 1. Numbers are little-endian.
 *
 *   0   8 bytes   "TANDEMCP"
 *   8   u32       version of the format
 *   12  u32       H, length of the header
 *   16  H bytes   header, JSON in UTF-8: the checkpoint without the arrays' elements; each array says its dtype, shape,
 *                 owner and `at`, where its elements start, counted from the end of the padded header
 *       zeros up to a multiple of 64, then the arrays in order, each followed by zeros up to a multiple of 64
 *       32 bytes  SHA-256 of everything before
 *
 * A file with another hash is damaged or incomplete, whatever else it says.
 */
const MAGIC = 'TANDEMCP';
const VERSION = 1;
const PREFIX = 16;
const ALIGNMENT = 64;
const HASH = 32;
const CHUNK = 8 << 20;

interface ArrayHeader {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly owner: NamedArray['owner'];
  readonly at: number;
  readonly length: number;
}

interface StateHeader {
  readonly version: number;
  readonly values: { readonly [key: string]: JsonValue };
  readonly arrays: readonly ArrayHeader[];
}

type Header = Omit<Checkpoint, 'states'> & { readonly states: { readonly [component: string]: StateHeader } };

/** Why a file is not a checkpoint. */
export class DamagedCheckpoint extends Error {}

/**
 * Writes a checkpoint and waits until it is on the disk. The arrays are written from where they lie, chunk by chunk,
 * and hashed on the way: no copy of them is made.
 *
 * @returns Size of the file in bytes.
 */
export async function writeCheckpointFile(path: string, checkpoint: Checkpoint): Promise<number> {
  const { prefix, arrays } = layOut(checkpoint);
  const file = await open(path, 'w');
  try {
    const writer = new HashingWriter(file);
    await writer.write(prefix);
    for (const bytes of arrays) {
      await writer.write(bytes);
      await writer.write(new Uint8Array(paddingAfter(bytes.byteLength)));
    }
    const size = await writer.end();
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

/**
 * Reads a checkpoint and compares its hash. The arrays of the result are views of one buffer.
 *
 * @throws `DamagedCheckpoint` if the file is not what was written.
 */
export async function readCheckpointFile(path: string): Promise<Checkpoint> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < PREFIX + HASH) throw new DamagedCheckpoint('it is too short');
    const bytes = new Uint8Array(new ArrayBuffer(size));
    const hash = createHash('sha256');
    for (let at = 0; at < size;) {
      const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, size - at), at);
      if (bytesRead === 0) throw new DamagedCheckpoint('it ends before its end');
      if (at < size - HASH) hash.update(bytes.subarray(at, Math.min(at + bytesRead, size - HASH)));
      at += bytesRead;
    }
    if (!hash.digest().equals(bytes.subarray(size - HASH)))
      throw new DamagedCheckpoint('its hash is not that of its content');
    return parse(bytes);
  } finally {
    await file.close();
  }
}

/** Time and size of a checkpoint whose hash is right, without keeping it in memory. Throws as `readCheckpointFile` does. */
export async function inspectCheckpointFile(path: string): Promise<{ readonly atMs: number; readonly bytes: number }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < PREFIX + HASH) throw new DamagedCheckpoint('it is too short');
    const hash = createHash('sha256');
    const chunk = new Uint8Array(Math.min(CHUNK, size));
    for (let at = 0; at < size - HASH;) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, size - HASH - at), at);
      if (bytesRead === 0) throw new DamagedCheckpoint('it ends before its end');
      hash.update(chunk.subarray(0, bytesRead));
      at += bytesRead;
    }
    const trailer = await readExactly(file, size - HASH, HASH);
    if (!hash.digest().equals(trailer)) throw new DamagedCheckpoint('its hash is not that of its content');
    const prefix = await readExactly(file, 0, PREFIX);
    return { atMs: parseHeader(await readExactly(file, PREFIX, headerLength(prefix))).atMs, bytes: size };
  } finally {
    await file.close();
  }
}

function layOut(checkpoint: Checkpoint): { readonly prefix: Uint8Array; readonly arrays: readonly Uint8Array[] } {
  const arrays: Uint8Array[] = [];
  let at = 0;
  const states: Record<string, StateHeader> = {};
  for (const [component, state] of Object.entries(checkpoint.states)) {
    const headers = state.arrays.map((array) => {
      const dtype = checkArray(component, array);
      const bytes = new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength);
      const header: ArrayHeader = {
        name: array.name,
        dtype,
        shape: array.shape,
        owner: array.owner,
        at,
        length: array.data.length,
      };
      arrays.push(bytes);
      at += bytes.byteLength + paddingAfter(bytes.byteLength);
      return header;
    });
    // A component may be called `__proto__`.
    Object.defineProperty(states, component, {
      value: { version: state.version, values: state.values, arrays: headers },
      enumerable: true,
    });
  }
  const header = Buffer.from(JSON.stringify({ ...checkpoint, states } satisfies Header), 'utf8');
  const prefix = new Uint8Array(PREFIX + header.length + paddingAfter(PREFIX + header.length));
  prefix.set(Buffer.from(MAGIC, 'latin1'));
  const view = new DataView(prefix.buffer);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, header.length, true);
  prefix.set(header, PREFIX);
  return { prefix, arrays };
}

function checkArray(component: string, array: NamedArray): Dtype {
  const dtype = dtypeOf(array.data);
  if (dtype === undefined)
    throw new TypeError(
      `${component}: the array ${array.name} is a ${array.data.constructor.name}, which a checkpoint does not keep.`,
    );
  const length = array.shape.reduce((product, extent) => product * extent, 1);
  if (length !== array.data.length)
    throw new TypeError(
      `${component}: the array ${array.name} has ${array.data.length} elements, its shape [${array.shape.join(', ')}] says ${length}.`,
    );
  return dtype;
}

function parse(bytes: Uint8Array<ArrayBuffer>): Checkpoint {
  const length = headerLength(bytes);
  const header = parseHeader(bytes.subarray(PREFIX, PREFIX + length));
  const start = PREFIX + length + paddingAfter(PREFIX + length);
  const states = Object.fromEntries(
    Object.entries(header.states).map(([component, state]): [string, State] => [
      component,
      {
        version: state.version,
        values: state.values,
        arrays: state.arrays.map(({ name, shape, owner, dtype, at, length: elements }) => ({
          name,
          shape,
          owner,
          data: viewOf(dtype, bytes.buffer, start + at, elements),
        })),
      },
    ]),
  );
  return { ...header, states };
}

function headerLength(prefix: Uint8Array): number {
  const view = new DataView(prefix.buffer, prefix.byteOffset);
  if (Buffer.from(prefix.subarray(0, 8)).toString('latin1') !== MAGIC)
    throw new DamagedCheckpoint('it is not a checkpoint of Tandem');
  const version = view.getUint32(8, true);
  if (version !== VERSION)
    throw new DamagedCheckpoint(`it has version ${version} of the format; this program reads version ${VERSION}`);
  return view.getUint32(12, true);
}

const parseHeader = (bytes: Uint8Array): Header =>
  JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as Header;

const paddingAfter = (length: number): number => (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;

async function readExactly(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at);
    if (bytesRead === 0) throw new DamagedCheckpoint('it ends before its end');
    at += bytesRead;
  }
  return bytes;
}

/** Writes in order and hashes what it writes, each chunk while the disk takes it. */
class HashingWriter {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #position = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; at += CHUNK) {
      const chunk = bytes.subarray(at, at + CHUNK);
      const written = this.#writeFully(chunk);
      this.#hash.update(chunk);
      await written;
    }
  }

  /** Appends the hash; returns the size of the file. */
  async end(): Promise<number> {
    await this.#writeFully(this.#hash.digest());
    return this.#position;
  }

  async #writeFully(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength;) {
      const { bytesWritten } = await this.#file.write(chunk, at, chunk.byteLength - at, this.#position);
      at += bytesWritten;
      this.#position += bytesWritten;
    }
  }
}
