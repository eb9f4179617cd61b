import {
  savedArray,
  z,
  type Bridge,
  type BridgeParticipant,
  type BridgeTable,
  type Rows,
  type State,
} from '@tandem-rec/contract';
import { allRows, grown } from '@tandem-rec/compute';
import { represented } from './represented.ts';
import { TextPrior } from './text-prior.ts';

/** How the map from texts to rows is learned: options of strategies that use it. */
export const wishOptions = {
  everyBatches: z.int().min(1).default(5).describe('Batches between two fits of the map from text to rows.'),
  minCount: z.int().min(1).default(10).describe('The map learns from items met at least this often …'),
  minItems: z.int().min(2).default(100).describe('… once there are this many of them.'),
  ridge: z.number().positive().default(1).describe('λ of the ridge regression.'),
};

const WISH_OPTIONS = z.strictObject(wishOptions);

/** Validated options of the map. */
export type WishOptions = z.output<typeof WISH_OPTIONS>;

/** Interactions from which on a row has full weight in the regression. */
const FULL_WEIGHT = 50;

/**
 * Where an item's text says that its row in a domain model's table should be, `g_i = Gᵀ v_i`: by a ridge regression from
 * text vectors v to the rows E of items that have been met often enough, learned again and again as rows mature. A row
 * weighs min(n_i / 50, 1).
 */
export class RowWishes {
  readonly #options: WishOptions;
  readonly #map: TextPrior;
  /** g, `#known × #dim` and room for more. */
  #wishes: Float32Array = new Float32Array(0);
  #known = 0;
  #dim = 0;
  #batches = 0;

  constructor(options: WishOptions) {
    this.#options = options;
    this.#map = new TextPrior(options.ridge);
  }

  /** Rows 0 … known − 1 have a wish. */
  get known(): number {
    return this.#known;
  }

  /** All that have one. */
  get rows(): Rows {
    return allRows(this.#known);
  }

  /** The wish of a row, a view. Only for rows below `known`. */
  of(row: number): Float32Array {
    return this.#wishes.subarray(row * this.#dim, (row + 1) * this.#dim);
  }

  /** Once a batch, before it is learned: fits the map when it is due. True if wishes have changed. */
  async update(table: BridgeTable, writer: BridgeParticipant, bridge: Bridge): Promise<boolean> {
    if (this.#batches++ % this.#options.everyBatches !== 0) return false;
    return this.#fit(table, writer, bridge);
  }

  /** Items that have just arrived get their wishes, if there is a map; answers the rows that did. */
  async arrive(table: BridgeTable, writer: BridgeParticipant, { catalogue }: Bridge): Promise<Rows> {
    if (!this.#map.fitted) return new Int32Array(0);
    const rows = allRows(catalogue.size).subarray(this.#known);
    if (rows.length === 0) return rows;
    this.#wishes = grown(this.#wishes, catalogue.size * table.dim);
    this.#wishes.set(this.#map.project(await represented(writer, 'item', rows, catalogue)), this.#known * table.dim);
    this.#known = catalogue.size;
    return rows;
  }

  save(): State {
    const map = this.#map.save();
    const wishes = this.#wishes.subarray(0, this.#known * this.#dim);
    return {
      version: 1,
      arrays: [...map.arrays, { name: 'wishes', shape: [wishes.length], owner: 'item', data: wishes }],
      values: { ...map.values, known: this.#known, dim: this.#dim, batches: this.#batches },
    };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    this.#map.load(state);
    this.#wishes = savedArray(state, 'wishes', Float32Array).slice();
    this.#known = state.values['known'] as number;
    this.#dim = state.values['dim'] as number;
    this.#batches = state.values['batches'] as number;
  }

  async #fit(
    table: BridgeTable,
    writer: BridgeParticipant,
    { catalogue, statistics: { itemCounts } }: Bridge,
  ): Promise<boolean> {
    const { minCount, minItems } = this.#options;
    const items = allRows(catalogue.size);
    const met = items.filter((row) => itemCounts[row] >= minCount);
    if (met.length < minItems) return false;
    const rows = new Float32Array(met.length * table.dim);
    table.gather(met, rows);
    const vectors = await represented(writer, 'item', items, catalogue);
    const weights = Float32Array.from(met, (row) => Math.min(1, itemCounts[row] / FULL_WEIGHT));
    this.#map.fit(vectors, met, rows, table.dim, weights);
    this.#wishes = this.#map.project(vectors);
    this.#known = catalogue.size;
    this.#dim = table.dim;
    return true;
  }
}
