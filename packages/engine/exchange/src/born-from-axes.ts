import {
  savedArray,
  z,
  type Bridge,
  type BridgeParticipant,
  type BridgeTable,
  type Catalogue,
  type Rows,
  type State,
} from '@tandem-rec/contract';
import { allRows, grown } from '@tandem-rec/compute';
import { itemText } from '@tandem-rec/data';
import { represented } from './represented.ts';
import { TextAxes } from './text-axes.ts';

/** How the coordinates of texts become rows: options of strategies that let rows be born from them. */
export const birthOptions = {
  whiten: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Components are divided by their deviation to this power: 0 leaves them as they are, 1 whitens.'),
  scale: z
    .number()
    .positive()
    .optional()
    .describe('Standard deviation of what text gives. Default: that of the rows as their table bore them.'),
  minItems: z.int().min(2).default(64).describe('Components are found once there are texts of so many items.'),
};

const BIRTH_OPTIONS = z.strictObject(birthOptions);

/** Validated options of births. */
export type BirthOptions = z.output<typeof BIRTH_OPTIONS>;

/** In tables of up to so many rows all are brought back after a step: an optimiser may move idle rows by their momentum. */
const ALL_ROWS = 65_536;
/** Deviation where the table bears zeros. */
const USUAL_SCALE = 0.05;

/**
 * Rows of one table that are born at the principal coordinates of their texts, fitted once, at the first moment with texts
 * enough: all rows then, if nobody has learned anything yet, else those that nobody has met; from then on each new row.
 * Coordinates beyond the axes, and rows of items without text, stay as the table bore them.
 */
export class BornFromAxes {
  readonly #options: BirthOptions;
  readonly #frozenShare: number | undefined;
  readonly #axes = new TextAxes();
  /** Rows looked at so far: 0 … placed − 1. */
  #placed = 0;
  #learning = false;
  /** Text coordinates of rows 0 … placed − 1, to be kept; NaN in rows that have none. */
  #frozen: Float32Array = new Float32Array(0);

  /** `frozenShare`: the share of a row’s coordinates that text gives for ever; without it text gives all, and they are free to learn. */
  constructor(options: BirthOptions, frozenShare?: number) {
    this.#options = options;
    this.#frozenShare = frozenShare;
  }

  /** From now on somebody learns. */
  learns(): void {
    this.#learning = true;
  }

  /** Lets the rows of items that have come so far be born. */
  async arrive(table: BridgeTable, writer: BridgeParticipant, { catalogue, statistics }: Bridge): Promise<void> {
    const texts = allRows(catalogue.size).filter((row) => itemText(catalogue.item(row)) !== '');
    if (this.#axes.count === 0) {
      const { whiten, scale = deviationOf(table, texts), minItems } = this.#options;
      if (texts.length < minItems) return;
      const axes = Math.max(1, Math.floor((this.#frozenShare ?? 1) * table.dim));
      this.#axes.fit(await represented(writer, 'item', texts, catalogue, 'input'), { axes, whiten, scale });
    }
    const rows = texts.filter((row) => row >= this.#placed && (!this.#learning || statistics.itemCounts[row] === 0));
    await this.#place(table, rows, writer, catalogue);
    this.#placed = catalogue.size;
  }

  /** Brings the frozen coordinates of rows back after a step that touched some. */
  restore(table: BridgeTable, touched: Rows): void {
    const width = this.#axes.count;
    const rows = table.rows <= ALL_ROWS ? allRows(table.rows) : touched;
    const values = new Float32Array(rows.length * table.dim);
    table.gather(rows, values);
    rows.forEach((row, k) => {
      const at = row * width;
      if (row < this.#placed && !Number.isNaN(this.#frozen[at]))
        values.set(this.#frozen.subarray(at, at + width), k * table.dim);
    });
    table.assign(rows, values);
  }

  save(): State {
    const { arrays, values } = this.#axes.save();
    const data = this.#frozen.subarray(0, this.#kept(this.#placed));
    return {
      version: 1,
      arrays: [...arrays, { name: 'frozen', shape: [data.length], owner: 'item', data }],
      values: { ...values, placed: this.#placed, learning: this.#learning },
    };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    this.#axes.load(state);
    this.#frozen = savedArray(state, 'frozen', Float32Array).slice();
    this.#placed = state.values['placed'] as number;
    this.#learning = state.values['learning'] as boolean;
  }

  async #place(table: BridgeTable, rows: Rows, writer: BridgeParticipant, catalogue: Catalogue): Promise<void> {
    const width = this.#axes.count;
    this.#frozen = grown(this.#frozen, this.#kept(catalogue.size));
    this.#frozen.fill(NaN, this.#kept(this.#placed), this.#kept(catalogue.size));
    const coordinates = this.#axes.project(await represented(writer, 'item', rows, catalogue, 'input'));
    const values = new Float32Array(rows.length * table.dim);
    table.gather(rows, values);
    rows.forEach((row, k) => {
      const born = coordinates.subarray(k * width, (k + 1) * width);
      values.set(born, k * table.dim);
      if (this.#frozenShare !== undefined) this.#frozen.set(born, row * width);
    });
    table.assign(rows, values);
  }

  /** Numbers that are kept for so many rows. */
  #kept(rows: number): number {
    return this.#frozenShare === undefined ? 0 : rows * this.#axes.count;
  }
}

/** Standard deviation of the elements of a table's rows, as they are. */
function deviationOf(table: BridgeTable, rows: Rows): number {
  const values = new Float32Array(rows.length * table.dim);
  table.gather(rows, values);
  const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  return Math.sqrt(square) || USUAL_SCALE;
}
