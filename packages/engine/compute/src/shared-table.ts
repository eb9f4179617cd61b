import { TandemError, type NamedArray, type Rng, type RowOptimiser, type Side } from '@tandem-rec/contract';
import { grown } from './grown.ts';
import { RowSegments } from './row-segments.ts';
import { Coasting } from './coasting.ts';
import { openIn, planesOf, scratchBytes, type RowPlane, type SegmentOptimiser } from './row-optimiser.ts';
import { TableView } from './table-view.ts';

/**
 * Writes the values of rows at birth into `into` (`rows.length × dim`; `rows` are consecutive). Returning false leaves
 * them to the table's own initialiser. `into` is the table's memory.
 */
export type Initialiser = (rows: Int32Array, into: Float32Array) => boolean;

/** What a table is made of. */
export interface TableOptions {
  /** Full name, unique, for example `fism/item`. */
  readonly name: string;
  readonly side: Side;
  /** Width of a row. */
  readonly dim: number;
  /** Standard deviation of the rows at birth; 0: zeros. */
  readonly initialStd: number;
  readonly optimiser: RowOptimiser;
  /** The table's own stream, drawn from at births only; the table saves and loads it. */
  readonly rng: Rng;
}

/**
 * A table of the shared embeddings: rows that are born in order, read by everybody and changed in one place, by
 * `applyGradients`, `assign` and `pull`. No call allocates in proportion to the table once its scratch has grown.
 */
export class SharedTable extends TableView {
  readonly optimiser: RowOptimiser;
  readonly #initialStd: number;
  readonly #rng: Rng;
  readonly #statePlanes: readonly RowPlane[];
  readonly #open: ReturnType<typeof openIn>;
  readonly #coasting: Coasting | undefined;
  #initialiser: Initialiser | undefined;
  #revision = 0;
  /** By segment. */
  readonly #optimisers: SegmentOptimiser[] = [];
  // Duplicates of a row in one call find its place among the distinct ones by `slots`; a row's slot is valid if its stamp is
  // this call's. The gradient of a slot begins at `froms` of the given ones, or at −1 − `froms` of the sums.
  #stamps = new Int32Array(0);
  #slots = new Int32Array(0);
  #stamp = 0;
  #distinct = new Int32Array(0);
  #froms = new Int32Array(0);
  #sums = new Float32Array(0);

  /** `segmentRows`: capacity of a segment, a power of two. */
  constructor({ name, side, dim, initialStd, optimiser, rng }: TableOptions, segmentRows: number) {
    const planes = planesOf(optimiser, dim);
    const widths = [dim, ...planes.map(({ width }) => width)];
    super(name, side, dim, new RowSegments(widths, segmentRows, { scratchBytes: scratchBytes(dim) }), 0);
    this.optimiser = optimiser;
    this.#initialStd = initialStd;
    this.#rng = rng;
    this.#statePlanes = planes;
    this.#open = openIn(optimiser, dim);
    if (optimiser.kind === 'adam' && optimiser.idle === 'coast')
      this.#coasting = new Coasting(this.segments, optimiser.beta1 ?? 0.9, optimiser.beta2 ?? 0.999);
  }

  /** Rows born from now on ask `initialiser` first. */
  initialise(initialiser: Initialiser): void {
    this.#initialiser = initialiser;
  }

  /** Rises whenever rows are born or changed. */
  get revision(): number {
    return this.#revision;
  }

  /** Lets rows be born until there are `count`, in order; never fewer. */
  ensureRows(count: number): void {
    if (count <= this.born) return;
    const from = this.born;
    this.segments.reserve(count);
    for (const [i, plane] of this.#statePlanes.entries()) this.segments.fill(i + 1, from, count, plane.initial);
    this.segments.eachRun(0, from, count, (values, start) => {
      const rows = Int32Array.from({ length: values.length / this.dim }, (_, i) => start + i);
      if (this.#initialiser?.(rows, values)) return;
      if (this.#initialStd === 0) values.fill(0);
      else for (let i = 0; i < values.length; i++) values[i] = this.#initialStd * this.#rng.normal();
    });
    this.born = count;
    this.#revision++;
    this.#stamps = grown(this.#stamps, count);
    this.#slots = grown(this.#slots, count);
  }

  /** Overwrites rows (`rows.length × dim`); of duplicates the last one stays. The optimiser's state is kept. */
  assign(rows: Int32Array, values: Float32Array): void {
    this.check(rows, values);
    this.segments.scatter(0, rows, values);
    this.#revision++;
  }

  /**
   * One step of the optimiser for the given rows and no others. Gradients of a row that occurs more than once are
   * summed first, in the order given.
   * Returns the distinct rows that moved, in the order of their first occurrence: a view, valid until the next call.
   * Throws `TANDEM_NOT_FINITE` where a row overflowed.
   * @param values gradients of the loss, `rows.length × dim`
   * @param rate factor of the learning rate in this step
   */
  applyGradients(rows: Int32Array, values: Float32Array, rate = 1): Int32Array {
    this.check(rows, values);
    const moved = this.#sum(rows, values);
    if (moved.length === 0) return moved;
    this.#coasting?.begin(moved);
    const { memories, planes, scratch, segmentRows, shift } = this.segments;
    for (let segment = this.#optimisers.length; segment < memories.length; segment++) {
      const own = { memory: memories[segment], planes: planes.map((plane) => plane[segment]), scratch };
      this.#optimisers.push(this.#open(own));
    }
    const [froms, sums, optimisers] = [this.#froms, this.#sums, this.#optimisers];
    for (const optimiser of optimisers) {
      optimiser.rate = rate;
      optimiser.step = this.#coasting?.step ?? 0;
    }
    for (let slot = 0; slot < moved.length; slot++) {
      const from = froms[slot];
      const optimiser = optimisers[moved[slot] >> shift];
      const row = moved[slot] & (segmentRows - 1);
      if (from >= 0) optimiser.add(row, values, from);
      else optimiser.add(row, sums, -1 - from);
    }
    this.#coasting?.coast((row) => optimisers[row >> shift]);
    for (const optimiser of optimisers) optimiser.flush();
    this.#coasting?.end();
    this.#revision++;
    this.#checkFinite(moved);
    return moved;
  }

  /** Moves rows toward targets: `row += weight · (target − row)`, `targets` `rows.length × dim`, a weight a row. */
  pull(rows: Int32Array, targets: Float32Array, weights: Float32Array): void {
    this.check(rows, targets);
    this.#revision++;
    const { planes, segmentRows, shift } = this.segments;
    for (let i = 0, from = 0; i < rows.length; i++) {
      const values = planes[0][rows[i] >> shift];
      const at = (rows[i] & (segmentRows - 1)) * this.dim;
      for (let d = 0; d < this.dim; d++) values[at + d] += weights[i] * (targets[from++] - values[at + d]);
    }
  }

  /** Values and the optimiser's state, `rows` each, named `<table>/<plane>`. */
  save(): NamedArray[] {
    return this.#planes().map(({ name, width }, plane) => {
      const data = new Float32Array(this.born * width);
      this.segments.copy(plane, this.born, data);
      return { name: `${this.name}/${name}`, shape: [this.born, width], owner: this.side, data };
    });
  }

  /** The reverse of `save`. Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[]): void {
    const found = this.#planes().map(({ name, width }) => {
      const array = arrays.find((candidate) => candidate.name === `${this.name}/${name}`);
      if (!array || !(array.data instanceof Float32Array) || array.shape[1] !== width)
        throw new TandemError(
          'TANDEM_STATE_MISMATCH',
          `Table ${this.name} (${this.optimiser.kind}) needs the array ${this.name}/${name}, ${width} wide; ` +
            (array ? `saved is one of shape ${array.shape.join(' × ')}.` : 'it is not in the saved state.'),
        );
      return array as NamedArray & { readonly data: Float32Array };
    });
    const rows = found[0].shape[0];
    this.segments.reserve(rows);
    for (const [plane, { data }] of found.entries()) this.segments.restore(plane, rows, data);
    this.born = rows;
    this.#revision++;
    this.#coasting?.restore(rows);
    this.#stamps = grown(this.#stamps, rows);
    this.#slots = grown(this.#slots, rows);
  }

  /** State of the stream that births draw from. */
  get rng(): Rng {
    return this.#rng;
  }

  /** What another thread attaches to. Memory of a table grows by new segments, so share again after growth. */
  share(): SharedTableHandle {
    const { widths, segmentRows, memories } = this.segments;
    return {
      name: this.name,
      side: this.side,
      dim: this.dim,
      rows: this.born,
      widths,
      segmentRows,
      memories: [...memories],
    };
  }

  /** Rows that overflow would rank nobody, and a loss tells it a step too late. */
  #checkFinite(rows: Int32Array): void {
    const { planes, segmentRows, shift } = this.segments;
    for (const row of rows) {
      const values = planes[0][row >> shift];
      const at = (row & (segmentRows - 1)) * this.dim;
      let none = 0;
      for (let d = 0; d < this.dim; d++) none += values[at + d] * 0;
      if (none !== 0)
        throw new TandemError(
          'TANDEM_NOT_FINITE',
          `Row ${row} of ${this.name} is not finite after a step of ${this.optimiser.kind} at the rate ${this.optimiser.learningRate}.`,
        );
    }
  }

  #planes(): readonly { readonly name: string; readonly width: number }[] {
    return [{ name: 'rows', width: this.dim }, ...this.#statePlanes];
  }

  /** Finds the gradient of each distinct row, in order of first occurrence, and sums those of rows that occur again. */
  #sum(rows: Int32Array, values: Float32Array): Int32Array {
    this.#distinct = grown(this.#distinct, rows.length);
    this.#froms = grown(this.#froms, rows.length);
    const [stamps, slots, distinct, froms, dim] = [this.#stamps, this.#slots, this.#distinct, this.#froms, this.dim];
    if (this.#stamp === 2147483647) {
      stamps.fill(0);
      this.#stamp = 0;
    }
    const stamp = ++this.#stamp;
    let count = 0;
    let summed = 0;
    for (let i = 0, from = 0; i < rows.length; i++, from += dim) {
      const row = rows[i];
      if (stamps[row] !== stamp) {
        stamps[row] = stamp;
        slots[row] = count;
        distinct[count] = row;
        froms[count++] = from;
        continue;
      }
      const slot = slots[row];
      const first = froms[slot];
      if (first >= 0) {
        froms[slot] = -1 - summed;
        this.#sums = grown(this.#sums, summed + dim);
        const sums = this.#sums;
        for (let d = 0; d < dim; d++) sums[summed++] = values[first + d] + values[from + d];
      } else {
        const sums = this.#sums;
        for (let d = 0, to = -1 - first; d < dim; d++) sums[to++] += values[from + d];
      }
    }
    return distinct.subarray(0, count);
  }
}

/** A table's memory, posted to another thread. */
export interface SharedTableHandle {
  readonly name: string;
  readonly side: Side;
  readonly dim: number;
  readonly rows: number;
  readonly widths: readonly number[];
  readonly segmentRows: number;
  readonly memories: RowSegments['memories'];
}
