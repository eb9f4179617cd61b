import type { Arena } from './arena.ts';
import { historyStepsBinary } from './binaries/history-steps.ts';

/** Histories over the rows of a matrix E, and how strongly each of their places counts. All arrays are of one arena. */
export interface Pooling {
  /** Histories, B. */
  readonly batch: number;
  readonly dim: number;
  readonly heads: number;
  /** Most entries of a history. */
  readonly positions: number;
  /** History b is `rows[offsets[b] … offsets[b + 1])`: rows of E. */
  readonly offsets: Int32Array;
  readonly rows: Int32Array;
  /** exp(w), `heads × positions`: what a place counts by head. */
  readonly exps: Float32Array;
  /** One over the running sums of `exps` within each head. */
  readonly inverses: Float32Array;
  readonly E: Float32Array;
  /** The pools, `B × heads × dim`. */
  readonly c: Float32Array;
}

interface HistoryFunctions {
  readonly pool: (...numbers: number[]) => void;
  readonly poolBackward: (...numbers: number[]) => void;
  readonly crossEntropy: (...numbers: number[]) => void;
}

const open = (arena: Arena): HistoryFunctions => arena.open<HistoryFunctions>(historyStepsBinary).call;

/**
 * Writes c_b,head = Σ_k softmax(w_head)_k E[rows_b,k], the softmax over as many places as the history has; zeros where it
 * is empty. One thread.
 */
export function poolHistories(arena: Arena, pooling: Pooling): void {
  open(arena).pool(...numbersOf(pooling));
}

/** Adds the gradients of `poolHistories`, given those of c: to `dE` (as E) and to those of w, `dw` (`heads × positions`). */
export function poolHistoriesBackward(
  arena: Arena,
  pooling: Pooling,
  dc: Float32Array,
  dE: Float32Array,
  dw: Float32Array,
): void {
  open(arena).poolBackward(...numbersOf(pooling), dc.byteOffset, dE.byteOffset, dw.byteOffset);
}

function numbersOf({ batch, dim, heads, positions, ...arrays }: Pooling): readonly number[] {
  const { offsets, rows, exps, inverses, E, c } = arrays;
  const addresses = [offsets, rows, exps, inverses, E, c].map(({ byteOffset }) => byteOffset);
  return [batch, dim, heads, positions, ...addresses];
}

/** Rows of logits that become gradients. All arrays are of one arena. */
export interface CrossEntropy {
  readonly rows: number;
  /** Floats of a row, a multiple of four: what no item stands behind has the shift −∞, and is finite in z. */
  readonly stride: number;
  /** `rows × stride`. */
  readonly z: Float32Array;
  /** Added to every row. */
  readonly shifts: Float32Array;
  /** The place in its row that each should have named. */
  readonly targets: Int32Array;
  /** `stride` floats to which the gradients of all rows are added. */
  readonly slopes: Float32Array;
  /** `2 × rows` floats of scratch. */
  readonly about: Float32Array;
}

/**
 * Σ −log softmax(z_b + shifts)_target, in place: z becomes softmax − onehot. A logit of −∞ does not compete, in z or in
 * `shifts`; a target's must be finite.
 */
export function crossEntropyRows(arena: Arena, { rows, stride, ...arrays }: CrossEntropy): number {
  const { z, shifts, targets, slopes, about } = arrays;
  const addresses = [z, shifts, targets, slopes, about].map(({ byteOffset }) => byteOffset);
  open(arena).crossEntropy(rows, stride, ...addresses);
  let loss = 0;
  for (let row = 0; row < rows; row++) loss += Math.log(about[2 * row]) + about[2 * row + 1];
  return loss;
}
