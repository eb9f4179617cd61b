import { copyFloats } from './copy-floats.ts';
import { PAGE_BYTES, webAssembly, type WebAssemblyMemory } from './web-assembly.ts';

interface SegmentMemory {
  readonly memories?: readonly WebAssemblyMemory[];
  /** Room behind the planes of a new segment. */
  readonly scratchBytes?: number;
}

/**
 * Float rows in shared WebAssembly memories of fixed capacity. Growth adds a segment and moves nothing, so views stay
 * valid and other threads keep what they hold. A segment holds several planes (the values, then the optimiser's state),
 * each `segmentRows × width`, one after another, and behind them scratch for kernels: one memory a segment, since each
 * reserves gigabytes of addresses.
 */
export class RowSegments {
  readonly widths: readonly number[];
  readonly segmentRows: number;
  readonly memories: WebAssemblyMemory[];
  /** By plane, then by segment. */
  readonly planes: readonly Float32Array[][];
  /** `row >> shift` is the row's segment. */
  readonly shift: number;
  readonly #scratchBytes: number;

  /** `segmentRows` is a power of two. `memories` attaches to segments of another thread. */
  constructor(widths: readonly number[], segmentRows: number, { memories = [], scratchBytes = 0 }: SegmentMemory = {}) {
    if (!(segmentRows > 0 && segmentRows <= 2 ** 24 && Number.isInteger(Math.log2(segmentRows))))
      throw new RangeError(`segmentRows is ${segmentRows}; allowed: a power of two up to 2^24.`);
    this.widths = widths;
    this.#scratchBytes = scratchBytes;
    this.segmentRows = segmentRows;
    this.shift = Math.log2(segmentRows);
    this.memories = [];
    this.planes = widths.map(() => []);
    for (const memory of memories) this.#add(memory);
  }

  /** Adds segments until row `rows - 1` has a place. New memory is zero. */
  reserve(rows: number): void {
    const pages = Math.ceil((this.scratch + this.#scratchBytes) / PAGE_BYTES);
    while (this.memories.length * this.segmentRows < rows)
      this.#add(new webAssembly.Memory({ initial: pages, maximum: pages, shared: true }));
  }

  /** Where scratch begins in each memory. */
  get scratch(): number {
    const floats = this.widths.reduce((sum, width) => sum + width, 0) * this.segmentRows;
    return Math.ceil(floats / 4) * 16;
  }

  #add(memory: WebAssemblyMemory): void {
    this.memories.push(memory);
    let offset = 0;
    for (const [plane, width] of this.widths.entries()) {
      this.planes[plane].push(new Float32Array(memory.buffer, offset, this.segmentRows * width));
      offset += this.segmentRows * width * 4;
    }
  }

  /** The row within a plane: a view of shared memory. */
  view(plane: number, row: number): Float32Array {
    const width = this.widths[plane];
    const start = (row & (this.segmentRows - 1)) * width;
    return this.planes[plane][row >> this.shift].subarray(start, start + width);
  }

  /** Row −1, somebody who was never met, is all zeros. */
  gather(plane: number, rows: Int32Array, into: Float32Array): void {
    const segments = this.planes[plane];
    const width = this.widths[plane];
    const mask = this.segmentRows - 1;
    for (let i = 0, to = 0; i < rows.length; i++) {
      if (rows[i] < 0) {
        into.fill(0, to, (to += width));
        continue;
      }
      const segment = segments[rows[i] >> this.shift];
      const from = (rows[i] & mask) * width;
      copyFloats(segment, from, width, into, to);
      to += width;
    }
  }

  scatter(plane: number, rows: Int32Array, values: Float32Array): void {
    const segments = this.planes[plane];
    const width = this.widths[plane];
    const mask = this.segmentRows - 1;
    for (let i = 0, from = 0; i < rows.length; i++) {
      const segment = segments[rows[i] >> this.shift];
      const to = (rows[i] & mask) * width;
      copyFloats(values, from, width, segment, to);
      from += width;
    }
  }

  /** Rows 0 … count - 1 of a plane, copied into `into`. */
  copy(plane: number, count: number, into: Float32Array): void {
    this.eachRun(plane, 0, count, (run, start) => into.set(run, start * this.widths[plane]));
  }

  /** The reverse of `copy`. */
  restore(plane: number, count: number, from: Float32Array): void {
    const width = this.widths[plane];
    this.eachRun(plane, 0, count, (run, start) => run.set(from.subarray(start * width, start * width + run.length)));
  }

  fill(plane: number, from: number, to: number, value: number): void {
    this.eachRun(plane, from, to, (run) => run.fill(value));
  }

  /** Calls `use` with a view of each contiguous run of rows in [from, to) of a plane and the run's first row. */
  eachRun(plane: number, from: number, to: number, use: (run: Float32Array, start: number) => void): void {
    const width = this.widths[plane];
    for (let start = from; start < to;) {
      const first = start & (this.segmentRows - 1);
      const count = Math.min(to - start, this.segmentRows - first);
      use(this.planes[plane][start >> this.shift].subarray(first * width, (first + count) * width), start);
      start += count;
    }
  }
}
