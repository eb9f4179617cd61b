import { softmaxBinary } from './kernel-binaries.ts';
import { PAGE_BYTES, webAssembly, type WebAssemblyMemory } from './web-assembly.ts';

interface SoftmaxExports {
  readonly memory: WebAssemblyMemory;
  readonly arena: { readonly value: number };
  readonly softmaxRows: (x: number, rows: number, cols: number, scale: number, stats: number) => void;
}

const kernel = new webAssembly.Instance(new webAssembly.Module(Buffer.from(softmaxBinary, 'base64'))).exports as SoftmaxExports;
const start = Math.ceil(kernel.arena.value / 8);
let doubles = new Float64Array(kernel.memory.buffer);
let floats = new Float32Array(kernel.memory.buffer);

/**
 * `into = softmax(scores / temperature)` of each of `rows` rows of `cols` scores; `into` may be `scores`, or left out where
 * only the sums are wanted. A score of −∞ gets 0; a row of nothing else becomes zeros. `logSums[row]` becomes
 * log Σ exp(scores / temperature), −∞ for such a row. In single precision, sums in double; the bits of a row do not depend
 * on the others.
 */
export function softmaxRows(
  scores: Float32Array,
  rows: number,
  cols: number,
  temperature: number,
  into: Float32Array | undefined,
  logSums: Float64Array,
): void {
  const length = rows * cols;
  if (scores.length < length || logSums.length < rows || (into !== undefined && into.length < length))
    throw new RangeError(`softmaxRows of ${rows} × ${cols}: ${scores.length} scores, room for ${logSums.length} sums and ${into?.length} values.`);
  const x = 2 * (start + 2 * rows);
  const missing = x + length - floats.length;
  if (missing > 0) {
    kernel.memory.grow(Math.ceil((missing * 4) / PAGE_BYTES));
    doubles = new Float64Array(kernel.memory.buffer);
    floats = new Float32Array(kernel.memory.buffer);
  }
  const scale = Math.fround(1 / temperature);
  floats.set(scores.length === length ? scores : scores.subarray(0, length), x);
  kernel.softmaxRows(4 * x, rows, cols, scale, 8 * start);
  for (let row = 0; row < rows; row++) logSums[row] = doubles[start + 2 * row] * scale + Math.log(doubles[start + 2 * row + 1]);
  into?.set(floats.subarray(x, x + length));
}
