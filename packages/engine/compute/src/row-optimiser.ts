import type { RowOptimiser } from '@tandem-rec/contract';
import { rowOptimiserBinary } from './binaries/row-optimiser.ts';
import { copyFloats } from './copy-floats.ts';
import { instantiate, moduleOf } from './kernel.ts';
import type { WebAssemblyMemory } from './web-assembly.ts';

/** What an optimiser keeps of every row: name, floats a row, and their value at birth. */
export interface RowPlane {
  readonly name: string;
  readonly width: number;
  readonly initial: number;
}

/** The planes of an optimiser of rows `dim` wide, in the order in which a segment has them behind its values. */
export function planesOf(optimiser: RowOptimiser, dim: number): readonly RowPlane[] {
  switch (optimiser.kind) {
    case 'sgd':
      return [];
    case 'adagrad': {
      const { accumulator, initialAccumulator: initial = 0 } = optimiser;
      return [{ name: 'squares', width: accumulator === 'row' ? 1 : dim, initial }];
    }
    case 'adam':
      return [
        { name: 'first-moment', width: dim, initial: 0 },
        { name: 'second-moment', width: dim, initial: 0 },
        // How often a row was touched, or in which step of the table at last.
        { name: optimiser.idle === 'coast' ? 'touched' : 'steps', width: 1, initial: 0 },
      ];
  }
}

/** Rows that are copied to the kernel and moved at a time: they stay in the first-level cache. */
const BLOCK = 64;

/** Bytes that a segment needs behind its planes, for rows `dim` wide. */
export const scratchBytes = (dim: number): number => BLOCK * 4 * (dim + 3) + 16;

/** A segment of a table: its memory, and where in it the planes, the values first, and the scratch begin. */
export interface OptimisedSegment {
  readonly memory: WebAssemblyMemory;
  readonly planes: readonly Float32Array[];
  readonly scratch: number;
}

/** Opens the optimiser in each segment of a table. */
export function openIn(optimiser: RowOptimiser, dim: number): (segment: OptimisedSegment) => SegmentOptimiser {
  const { beta1 = 0.9, beta2 = 0.999 } = optimiser.kind === 'adam' ? optimiser : {};
  const corrections = [new Correction(beta1), new Correction(beta2)];
  return (segment) => new SegmentOptimiser(optimiser, dim, corrections, segment);
}

/**
 * Steps of an optimiser for rows of one segment: sgd; Adagrad (Duchi, Hazan and Singer 2011) with one accumulator an element
 * or a row; Adam (Kingma and Ba 2015), lazy: moments and bias correction count the steps in which a row was touched. With
 * `l2`, `l2 · row` is added to the gradient of rows that are touched. The gradients are copied into the segment first, since
 * a kernel reads one memory only; with that, a row of 64 takes 0.16 µs (sgd) to 0.36 µs (Adam), in plain TypeScript 0.33
 * to 0.84.
 */
export class SegmentOptimiser {
  /** Factor of the learning rate. */
  rate = 1;
  /** Steps of the table, for rows that coast. */
  step = 0;
  readonly #dim: number;
  readonly #rows: Int32Array;
  readonly #gradients: Float32Array;
  readonly #move: (count: number) => void;
  readonly #note: ((place: number, row: number, factor: number) => void) | undefined;
  #count = 0;

  /** `corrections`: of the first and second moment, where there are any. */
  constructor(
    optimiser: RowOptimiser,
    dim: number,
    corrections: readonly Correction[],
    { memory, planes, scratch }: OptimisedSegment,
  ) {
    const floats = (at: number, length: number): Float32Array => new Float32Array(memory.buffer, at, length);
    const kernel = instantiate<RowOptimiserExports>(moduleOf(rowOptimiserBinary, 'wasm-simd'), memory);
    const rates = floats(scratch + 4 * BLOCK, BLOCK);
    const roots = floats(scratch + 8 * BLOCK, BLOCK);
    this.#dim = dim;
    this.#rows = new Int32Array(memory.buffer, scratch, BLOCK);
    this.#gradients = floats(scratch + 12 * BLOCK, BLOCK * dim);
    const shared = [this.#rows.byteOffset, this.#gradients.byteOffset, dim, ...planes.map((plane) => plane.byteOffset)];
    const { learningRate, l2 = 0 } = optimiser;
    if (optimiser.kind === 'sgd') this.#move = (count) => kernel.sgd(count, ...shared, learningRate * this.rate, l2);
    else if (optimiser.kind === 'adagrad') {
      const name = optimiser.accumulator === 'row' ? 'rowAdagrad' : 'adagrad';
      this.#move = (count) => kernel[name](count, ...shared, learningRate * this.rate, l2);
    } else {
      const { beta1 = 0.9, beta2 = 0.999 } = optimiser;
      const [, , , steps] = planes;
      const [first, second] = corrections;
      const coasts = optimiser.idle === 'coast';
      this.#note = (place, row, factor) => {
        const step = coasts ? this.step : (steps[row] += 1);
        rates[place] = learningRate * this.rate * factor * first.at(step);
        roots[place] = Math.sqrt(second.at(step));
      };
      const numbers = [...shared.slice(0, -1), rates.byteOffset, roots.byteOffset, beta1, 1 - beta1, beta2, 1 - beta2];
      this.#move = (count) => kernel.adam(count, ...numbers, l2);
    }
  }

  /**
   * Row `row` of the segment will follow the gradient that starts at `from`: at once or with the next `flush`. Once each.
   * `factor` of the learning rate: of Adam only.
   */
  add(row: number, gradient: Float32Array, from: number, factor = 1): void {
    const place = this.#count++;
    this.#rows[place] = row;
    this.#note?.(place, row, factor);
    copyFloats(gradient, from, this.#dim, this.#gradients, place * this.#dim);
    if (place === BLOCK - 1) this.flush();
  }

  flush(): void {
    if (this.#count > 0) this.#move(this.#count);
    this.#count = 0;
  }
}

type Step = (...numbers: number[]) => void;

interface RowOptimiserExports {
  readonly sgd: Step;
  readonly adagrad: Step;
  readonly rowAdagrad: Step;
  readonly adam: Step;
}

/** Steps whose corrections are kept. */
const KEPT = 1 << 14;

/** 1 / (1 − βᵗ), by which Adam corrects a moment; kept because powers are dear. */
class Correction {
  readonly #beta: number;
  readonly #kept: number[] = [];

  constructor(beta: number) {
    this.#beta = beta;
  }

  at(t: number): number {
    while (this.#kept.length <= t && t < KEPT) this.#kept.push(1 / (1 - this.#beta ** this.#kept.length));
    return t < KEPT ? this.#kept[t] : 1 / (1 - this.#beta ** t);
  }
}
