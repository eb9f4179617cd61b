import { grown, sgemm } from '@tandem-rec/compute';
import type { GrantedTable, RowGradients, Rng } from '@tandem-rec/contract';
import type { WrittenWeights, Parameter } from './written-weights.ts';
import { isPrefix } from './is-prefix.ts';

/** How the tokens of a table are learned. */
export interface TokenOptions {
  /** Share of the items whose tokens are left out of a step of learning. */
  readonly dropout: number;
  readonly learningRate: number;
}

/** Memory of the rows' mean square, over steps. */
const SQUARE_MEMORY = 0.99;
const SMALLEST_SQUARE = 1e-12;

/**
 * What a shared table knows of an item, added to its vector: `Pᵀ E_i / rms(E)`. P is zero at the start, so that a table
 * changes nothing before its use was learned; rows are brought to unit scale, since a token far below the text's
 * variance is never learned. A step of learning leaves out those of a share of the items, so that an item does not come to
 * rest on a table that has seen the same events. The soft tokens of CoLLM (Zhang et al., 2023), projected into the item vector.
 *
 * With access `read` the rows are constants; with `train` their gradients are returned (BDLM's shared storage).
 */
export class SoftToken {
  readonly #table: GrantedTable;
  readonly #dim: number;
  /** `table.dim × dim`. */
  readonly #P: Parameter;
  readonly #dropout: number;
  #meanSquare = 0;
  #rows = new Float32Array(0);
  /** Of the rows at work, those whose tokens are left out. */
  #dropped = new Uint8Array(0);

  constructor(table: GrantedTable, dim: number, optimiser: WrittenWeights, { dropout, learningRate }: TokenOptions) {
    this.#table = table;
    this.#dim = dim;
    this.#dropout = dropout;
    this.#P = optimiser.add(`token:${table.name}`, [table.dim, dim], learningRate, () => 0);
  }

  get name(): string {
    return this.#table.name;
  }

  /** Mean square of the table's rows as seen while learning: part of the saved state. */
  get meanSquare(): number {
    return this.#meanSquare;
  }

  set meanSquare(value: number) {
    this.#meanSquare = value;
  }

  /** Looks at the scale of the rows of a step; a table that is hidden reads as zeros and says nothing. */
  observe(rows: Int32Array): void {
    this.#gather(rows);
    const E = this.#rows;
    const size = rows.length * this.#table.dim;
    let square = 0;
    for (let i = 0; i < size; i++) square += E[i] * E[i];
    if (square === 0) return;
    square /= size;
    this.#meanSquare =
      this.#meanSquare === 0 ? square : SQUARE_MEMORY * this.#meanSquare + (1 - SQUARE_MEMORY) * square;
  }

  /** Adds the tokens of rows to their vectors (`rows.length × dim`); with `chance` those that are not dropped. */
  addTo(rows: Int32Array, vectors: Float32Array, chance?: Rng): void {
    const { dim: width } = this.#table;
    this.#gather(rows);
    this.#dropped = Uint8Array.from(rows, () => (chance && chance.next() < this.#dropout ? 1 : 0));
    this.#drop(this.#rows);
    sgemm({}, rows.length, this.#dim, width, this.#scale, this.#rows, this.#P.value, 1, vectors);
  }

  /** After `addTo` of the same rows: adds to the gradient of P; returns those of the rows if the table is trained. */
  backward(rows: Int32Array, dVectors: Float32Array): RowGradients | undefined {
    const { dim: width, name, access } = this.#table;
    sgemm({ transA: true }, width, this.#dim, rows.length, this.#scale, this.#rows, dVectors, 1, this.#P.gradient);
    if (access === 'read') return undefined;
    const values = new Float32Array(rows.length * width);
    sgemm({ transB: true }, rows.length, width, this.#dim, this.#scale, dVectors, this.#P.value, 0, values);
    this.#drop(values);
    const born = rows.findIndex((row) => row >= this.#table.rows);
    if (born < 0) return { table: name, rows, values };
    const known = rows.map((_, i) => i).filter((i) => rows[i] < this.#table.rows);
    return {
      table: name,
      rows: known.map((i) => rows[i]),
      values: Float32Array.from(
        { length: known.length * width },
        (_, at) => values[known[Math.floor(at / width)] * width + (at % width)],
      ),
    };
  }

  get #scale(): number {
    return this.#meanSquare < SMALLEST_SQUARE ? 0 : 1 / Math.sqrt(this.#meanSquare);
  }

  /** Puts zeros in place of the rows that are dropped. */
  #drop(values: Float32Array): void {
    const { dim: width } = this.#table;
    this.#dropped.forEach((dropped, i) => {
      if (dropped === 1) values.fill(0, i * width, (i + 1) * width);
    });
  }

  /** Reads rows of the table; zeros for those not yet born. */
  #gather(rows: Int32Array): void {
    const { dim: width } = this.#table;
    this.#rows = grown(this.#rows, rows.length * width);
    if (isPrefix(rows) && rows.length <= this.#table.rows) this.#table.copy(rows.length, this.#rows);
    else
      this.#table.gather(
        rows.map((row) => (row < this.#table.rows ? row : -1)),
        this.#rows,
      );
  }
}
