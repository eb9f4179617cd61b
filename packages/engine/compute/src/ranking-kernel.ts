import { rankingBinary } from './binaries/ranking.ts';
import { instantiate, moduleOf } from './kernel.ts';
import { memoryOf } from './memory-of.ts';
import { NOTES, PAGE_BYTES, webAssembly, type WebAssemblyMemory } from './web-assembly.ts';

interface RankingExports {
  readonly repeat: (x: number, bytes: number, count: number) => void;
  readonly best: (x: number, n: number, k: number, rows: number, values: number) => number;
  readonly compare: (x: number, n: number, numbers: number, count: number, above: number, equal: number) => void;
}

/** A kernel in one memory. */
interface Opened {
  readonly kernel: RankingExports;
  /** Room for notes, from the address `NOTES` on: what one call tells the kernel or is told. */
  readonly ints: Int32Array;
  readonly floats: Float32Array;
}

/** A row of scores, and a kernel that reads it. */
export interface PlacedRow extends Opened {
  /** They begin at `scores[at]`. */
  readonly scores: Float32Array;
  readonly at: number;
  /** Their address. */
  readonly x: number;
}

const open = (memory: WebAssemblyMemory, floats: number): Opened => ({
  kernel: instantiate<RankingExports>(moduleOf(rankingBinary, 'wasm-simd'), memory),
  ints: new Int32Array(memory.buffer, NOTES, floats),
  floats: new Float32Array(memory.buffer, NOTES, floats),
});

/** In arenas there is a page for notes. */
const PAGE = PAGE_BYTES / 4;
const inArenas = new WeakMap<WebAssemblyMemory, Opened>();

const memory = new webAssembly.Memory({ initial: 1 + NOTES / PAGE_BYTES, maximum: 65536, shared: true });
let own = open(memory, PAGE);

/** The kernel in the arena in which an array lies, if it does. */
function openedFor(scores: Float32Array): Opened | undefined {
  const arena = memoryOf(scores);
  if (!arena) return undefined;
  let found = inArenas.get(arena);
  if (!found) inArenas.set(arena, (found = open(arena, PAGE)));
  return found;
}

/** Lets every one of `rows` rows of scores be as the first one is, `n` long. */
export function repeatRow(scores: Float32Array, n: number, rows: number): void {
  if (scores.length < n * rows) throw new RangeError(`repeatRow: ${scores.length} scores for ${rows} rows of ${n}.`);
  const found = openedFor(scores);
  if (found) found.kernel.repeat(scores.byteOffset, 4 * n, rows - 1);
  else for (let end = n; end < n * rows; end += n) scores.copyWithin(end, 0, n);
}

/**
 * Scores `offset … offset + n - 1`, with room for so many notes: in place where they lie in an arena, else a copy. Valid
 * until the next call.
 */
export function placeRow(scores: Float32Array, offset: number, n: number, notes: number): PlacedRow {
  const found = notes <= PAGE ? openedFor(scores) : undefined;
  if (found) {
    const { kernel, ints, floats } = found;
    return { kernel, ints, floats, scores, at: offset, x: scores.byteOffset + 4 * offset };
  }
  const missing = notes + n - own.floats.length;
  if (missing > 0) {
    const pages = memory.grow(Math.ceil(missing / PAGE)) + Math.ceil(missing / PAGE);
    own = open(memory, pages * PAGE - NOTES / 4);
  }
  const { kernel, ints, floats } = own;
  floats.set(scores.subarray(offset, offset + n), notes);
  return { kernel, ints, floats, scores: floats, at: notes, x: NOTES + 4 * notes };
}
