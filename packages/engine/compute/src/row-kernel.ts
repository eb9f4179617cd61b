import { rowsBinary } from './binaries/rows.ts';
import { instantiate, moduleOf } from './kernel.ts';
import { PAGE_BYTES, webAssembly } from './web-assembly.ts';

interface RowExports {
  readonly softmaxRows: (x: number, rows: number, cols: number, scale: number, stats: number) => void;
  readonly gelu: (x: number, count: number, values: number, slopes: number) => void;
}

const memory = new webAssembly.Memory({ initial: 1, maximum: 65536, shared: true });

/** The kernel over rows of scores. Offsets are bytes of its memory. */
export const rowKernel = instantiate<RowExports>(moduleOf(rowsBinary, 'wasm-simd'), memory);

/** Where numbers about rows may be, and behind them the scores, in bytes; a multiple of 16. */
const START = PAGE_BYTES;

let views = viewsOf();

/** Its memory as numbers. Valid until the next `placeScores`. */
interface Views {
  readonly ints: Int32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
}

function viewsOf(): Views {
  const { buffer } = memory;
  return { ints: new Int32Array(buffer), floats: new Float32Array(buffer), doubles: new Float64Array(buffer) };
}

/** Copies scores in, behind room for 16 bytes a row and before room for `more` numbers. */
export function placeScores(
  scores: Float32Array,
  rows: number,
  cols: number,
  more = 0,
): Views & { readonly about: number; readonly x: number } {
  const length = rows * cols;
  const x = START + 16 * rows;
  const missing = x + 4 * (length + more) - 4 * views.floats.length;
  if (missing > 0) {
    memory.grow(Math.ceil(missing / PAGE_BYTES));
    views = viewsOf();
  }
  views.floats.set(scores.length === length ? scores : scores.subarray(0, length), x / 4);
  return { ...views, about: START, x };
}
