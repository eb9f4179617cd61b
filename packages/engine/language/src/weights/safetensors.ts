import { open, type FileHandle } from 'node:fs/promises';
import { TandemError } from '@tandem-rec/contract';
import { widen, WIDTHS, type Precision } from './widen.ts';

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Absolute position in the file. */
  readonly from: number;
  readonly bytes: number;
}

const MAX_HEADER_BYTES = 100_000_000;
/** Half-width numbers are read so many bytes at a time: beside a tensor never lies a second copy of it. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * A weight file in the safetensors format (Hugging Face): eight bytes of header length, a JSON header of dtypes, shapes
 * and byte ranges, then the numbers, little-endian. The header is checked as a whole before any tensor is read.
 */
export class Safetensors {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(path: string, file: FileHandle, entries: ReadonlyMap<string, Entry>) {
    this.#path = path;
    this.#file = file;
    this.#entries = entries;
  }

  /** Throws `TANDEM_MODEL_WEIGHTS_MISSING`, or `TANDEM_MODEL_WEIGHTS_INVALID` where the header does not fit the file. */
  static async open(path: string): Promise<Safetensors> {
    const file = await open(path, 'r').catch((cause: unknown) => {
      throw new TandemError('TANDEM_MODEL_WEIGHTS_MISSING', `There is no weight file ${path}.`, {
        cause,
        details: { path },
      });
    });
    try {
      return new Safetensors(path, file, await readHeader(path, file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** The shape of the tensor of that name. */
  shape(name: string): readonly number[] | undefined {
    return this.#entries.get(name)?.shape;
  }

  /** The tensor of that name, row-major, widened to float32. Throws `TANDEM_MODEL_WEIGHTS_INVALID` if it is not there or not of this shape. */
  async read(name: string, shape: readonly number[]): Promise<Float32Array> {
    const entry = this.#entries.get(name);
    if (!entry) throw invalid(this.#path, `has no tensor ${name}`, name);
    if (entry.shape.join() !== shape.join())
      throw invalid(
        this.#path,
        `has ${name} as ${entry.shape.join(' × ')}; its configuration asks for ${shape.join(' × ')}`,
        name,
      );
    if (!(entry.dtype in WIDTHS))
      throw invalid(this.#path, `has ${name} as ${entry.dtype}; ${Object.keys(WIDTHS).join(', ')} can be read`, name);
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    if (entry.dtype === 'F32') await this.#fill(new Uint8Array(values.buffer), entry.from, name);
    else {
      const width = WIDTHS[entry.dtype as Precision];
      const chunk = new Uint8Array(Math.min(entry.bytes, CHUNK_BYTES));
      for (let done = 0; done < entry.bytes; done += chunk.length) {
        const part = chunk.subarray(0, Math.min(chunk.length, entry.bytes - done));
        await this.#fill(part, entry.from + done, name);
        widen(part, entry.dtype as 'F16' | 'BF16', values, done / width);
      }
    }
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i])) throw invalid(this.#path, `has ${values[i]} at ${i} of ${name}`, name);
    return values;
  }

  async #fill(bytes: Uint8Array, from: number, name: string): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await this.#file.read(bytes, done, bytes.length - done, from + done);
      if (bytesRead === 0) throw invalid(this.#path, `ends within ${name}`, name);
      done += bytesRead;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function readHeader(path: string, file: FileHandle): Promise<ReadonlyMap<string, Entry>> {
  const { size } = await file.stat();
  const prefix = Buffer.alloc(8);
  if ((await file.read(prefix, 0, 8, 0)).bytesRead < 8)
    throw invalid(path, `is ${size} bytes long, too short for a header`);
  const length = Number(prefix.readBigUInt64LE());
  if (length > MAX_HEADER_BYTES || 8 + length > size)
    throw invalid(path, `says its header is ${length} bytes long; the file has ${size}`);
  const json = Buffer.alloc(length);
  await file.read(json, 0, length, 8);
  let header: unknown;
  try {
    header = JSON.parse(json.toString('utf8'));
  } catch (cause) {
    throw invalid(path, `has a header that is not JSON (${(cause as Error).message})`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw invalid(path, 'has a header that is not an object');

  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: range } = (value ?? {}) as Record<string, unknown>;
    if (typeof dtype !== 'string' || !isSizes(shape) || !isSizes(range) || range.length !== 2)
      throw invalid(path, `describes ${name} without dtype, shape and data_offsets`, name);
    const [from, to] = range;
    if (to < from || 8 + length + to > size)
      throw invalid(path, `is too short: ${name} ends at byte ${8 + length + to}, the file at ${size}`, name);
    const width = WIDTHS[dtype as Precision] as number | undefined;
    const count = shape.reduce((product, side) => product * side, 1);
    if (width !== undefined && to - from !== count * width)
      throw invalid(path, `holds ${to - from} bytes for ${name}, ${dtype} ${shape.join(' × ')}`, name);
    entries.set(name, { dtype, shape, from: 8 + length + from, bytes: to - from });
  }
  return entries;
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function invalid(path: string, what: string, tensor?: string): TandemError {
  return new TandemError('TANDEM_MODEL_WEIGHTS_INVALID', `The weight file ${path} ${what}.`, {
    details: { path, tensor },
  });
}
