import type { Bridge, BridgeParticipant, BridgeTable, State, Statistics } from '@tandem-rec/contract';
import { savedFloats, TextPrior } from '@tandem-rec/exchange';
import type { BridgeOptions } from './options.ts';

/**
 * Language → domain, by parameters: where an item's text says that its row should be. Rows that nobody met are born
 * there, and rows that were met are pulled there the less the more is known of them:
 * `E_i += ρ / (n_i + 1)^fade · (g_i − E_i)` after each step that touched row i.
 */
export class TextToRows {
  readonly #settings: BridgeOptions['prior'];
  readonly #map: TextPrior;
  /** The text's wish for each row, `#known × dim` and room for more. */
  #wishes: Float32Array = new Float32Array(0);
  #known = 0;
  #dim = 0;
  #batches = 0;

  constructor(settings: BridgeOptions['prior']) {
    this.#settings = settings;
    this.#map = new TextPrior(settings.ridge);
  }

  /** Hangs the prior into the domain model's item table. */
  attach(table: BridgeTable, statistics: Statistics): void {
    const { strength, fade } = this.#settings;
    this.#dim = table.dim;
    if (strength === 0) return;
    table.pull((rows, targets, weights) => {
      const { dim } = table;
      for (let k = 0; k < rows.length; k++) {
        if (rows[k] >= this.#known) continue;
        weights[k] = Math.min(0.5, strength / (statistics.itemCounts[rows[k]] + 1) ** fade);
        const from = rows[k] * dim;
        for (let d = 0; d < dim; d++) targets[k * dim + d] = this.#wishes[from + d];
      }
    });
  }

  /** Before a batch is learned: fits the map when it is due, and places rows that nobody met where it now says. */
  async update(table: BridgeTable, writer: BridgeParticipant, { catalogue, statistics }: Bridge): Promise<void> {
    if (this.#batches++ % this.#settings.everyBatches !== 0) return;
    if (await this.#fit(table, writer, statistics, catalogue.size)) this.#place(table, statistics, 0, catalogue.size);
  }

  /** Places items that have just arrived, before they are ranked for the first time. */
  async arrive(table: BridgeTable, writer: BridgeParticipant, { catalogue, statistics }: Bridge): Promise<void> {
    if (!this.#map.fitted) return;
    const from = this.#known;
    await this.#wish(writer, catalogue.size, table.dim);
    this.#place(table, statistics, from, catalogue.size);
  }

  async #fit(
    table: BridgeTable,
    writer: BridgeParticipant,
    { itemCounts }: Statistics,
    items: number,
  ): Promise<boolean> {
    const { minCount, minItems } = this.#settings;
    const met = allRows(items).filter((row) => itemCounts[row] >= minCount);
    if (met.length < minItems) return false;
    const rows = new Float32Array(met.length * table.dim);
    table.gather(met, rows);
    const vectors = await writer.represent('item', allRows(items));
    const weights = Float32Array.from(met, (row) => Math.min(1, itemCounts[row] / 50));
    this.#map.fit(vectors, met, rows, table.dim, weights);
    this.#wishes = this.#map.project(vectors);
    this.#known = items;
    return true;
  }

  async #wish(writer: BridgeParticipant, items: number, dim: number): Promise<void> {
    if (items === this.#known) return;
    const rows = Int32Array.from({ length: items - this.#known }, (_, k) => this.#known + k);
    const wishes = this.#map.project(await writer.represent('item', rows));
    if (this.#wishes.length < items * dim) {
      const larger = new Float32Array(items * dim * 2);
      larger.set(this.#wishes.subarray(0, this.#known * dim));
      this.#wishes = larger;
    }
    this.#wishes.set(wishes, this.#known * dim);
    this.#known = items;
  }

  /** Moves rows that nobody met to where their text says. */
  #place(table: BridgeTable, { itemCounts }: Statistics, from: number, to: number): void {
    if (!this.#settings.initialise) return;
    const rows = Int32Array.from({ length: to - from }, (_, k) => from + k).filter((row) => itemCounts[row] === 0);
    const values = new Float32Array(rows.length * table.dim);
    rows.forEach((row, k) => values.set(this.#wishes.subarray(row * table.dim, (row + 1) * table.dim), k * table.dim));
    table.assign(rows, values);
  }

  save(): State {
    const map = this.#map.save();
    const wishes = this.#wishes.subarray(0, this.#known * this.#dim);
    return {
      version: 1,
      arrays: [...map.arrays, { name: 'wishes', shape: [wishes.length], owner: 'item', data: wishes }],
      values: { ...map.values, known: this.#known, batches: this.#batches },
    };
  }

  load(state: State): void {
    this.#map.load(state);
    this.#wishes = savedFloats(state, 'wishes').slice();
    this.#known = state.values['known'] as number;
    this.#batches = state.values['batches'] as number;
  }
}

const allRows = (count: number): Int32Array => Int32Array.from({ length: count }, (_, row) => row);
