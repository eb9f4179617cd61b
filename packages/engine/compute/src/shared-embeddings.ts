import { savedArray, TandemError, type NamedArray, type Side, type State, type Stateful } from '@tandem-rec/contract';
import { RowIndex } from './row-index.ts';
import { RowSegments } from './row-segments.ts';
import { SharedTable, type SharedTableHandle, type TableOptions } from './shared-table.ts';
import { TableView } from './table-view.ts';

const SIDES = ['user', 'item'] as const;
const VERSION = 1;

/** What `share` posts to another thread. */
export interface SharedEmbeddingsHandle {
  readonly tables: readonly SharedTableHandle[];
}

/**
 * The information storage of BDLM (arXiv 2311.03778): embedding tables that a domain model and a language model read
 * and train together. Ids become row numbers once a side, for all tables of that side; rows live in shared memory, so
 * that other threads read them without a copy.
 */
export class SharedEmbeddings implements Stateful {
  readonly #segmentRows: number;
  readonly #indexes: Readonly<Record<Side, RowIndex>> = { user: new RowIndex(), item: new RowIndex() };
  readonly #tables = new Map<string, SharedTable>();

  /** `segmentRows`: rows a segment of memory, a power of two; default 4096. */
  constructor({ segmentRows = 4096 }: { readonly segmentRows?: number } = {}) {
    this.#segmentRows = segmentRows;
  }

  /** Adds a table; its rows are born by the next `ensureRows`. Throws RangeError if the name is taken. */
  createTable(options: TableOptions): SharedTable {
    if (this.#tables.has(options.name)) throw new RangeError(`There is a table ${options.name} already.`);
    const table = new SharedTable(options, this.#segmentRows);
    this.#tables.set(options.name, table);
    return table;
  }

  /** Throws RangeError if there is no such table, naming those there are. */
  table(name: string): SharedTable {
    const table = this.#tables.get(name);
    if (!table) throw new RangeError(`There is no table ${name}; there are: ${[...this.#tables.keys()].join(', ')}.`);
    return table;
  }

  /** All tables in order of creation. */
  get tables(): readonly SharedTable[] {
    return [...this.#tables.values()];
  }

  /** The ids of a side and their rows. */
  index(side: Side): RowIndex {
    return this.#indexes[side];
  }

  /** Gives every id of the side a row in every table of the side, in order of tables and rows. */
  ensureRows(side: Side): void {
    for (const table of this.#tables.values()) if (table.side === side) table.ensureRows(this.#indexes[side].size);
  }

  /** Ids, rows, optimisers and streams: loading it continues bit for bit. The arrays are copies. */
  save(): State {
    const arrays: NamedArray[] = SIDES.flatMap((side) => {
      const { units, ends } = this.#indexes[side].save();
      return [
        { name: `ids/${side}/units`, shape: [units.length], owner: side, data: units },
        { name: `ids/${side}/ends`, shape: [ends.length], owner: side, data: ends },
      ];
    });
    for (const table of this.#tables.values()) arrays.push(...table.save());
    const rng = Object.fromEntries(this.tables.map((table) => [table.name, table.rng.save()]));
    return { version: VERSION, arrays, values: { rng } };
  }

  /** The tables must have been created as they were when saved. Throws `TANDEM_STATE_MISMATCH`. */
  load({ version, arrays, values }: State): void {
    const streams = values['rng'] as Readonly<Record<string, ReturnType<SharedTable['rng']['save']>>> | undefined;
    const saved = Object.keys(streams ?? {});
    const own = [...this.#tables.keys()];
    if (version !== VERSION || !streams || saved.toSorted().join() !== own.toSorted().join())
      throw new TandemError(
        'TANDEM_STATE_MISMATCH',
        `The saved embeddings (version ${version}) have the tables ${saved.join(', ') || '(none)'}; here are ${own.join(', ') || '(none)'}.`,
      );
    for (const side of SIDES) {
      const units = savedArray({ arrays }, `ids/${side}/units`, Uint16Array);
      const ends = savedArray({ arrays }, `ids/${side}/ends`, Int32Array);
      this.#indexes[side].load({ units, ends });
    }
    for (const table of this.#tables.values()) {
      table.load(arrays);
      table.rng.load(streams[table.name]);
    }
  }

  /**
   * A handle for `postMessage`, for reading in another thread: it sees every later change of the rows that exist now,
   * and of none born later. There are no locks: a row read while it changes may be half old and half new.
   */
  share(): SharedEmbeddingsHandle {
    return { tables: this.tables.map((table) => table.share()) };
  }

  /** The tables of a handle, by name, for reading. */
  static from(handle: SharedEmbeddingsHandle): ReadonlyMap<string, TableView> {
    return new Map(
      handle.tables.map(({ name, side, dim, rows, widths, segmentRows, memories }) => [
        name,
        new TableView(name, side, dim, new RowSegments(widths, segmentRows, { memories }), rows),
      ]),
    );
  }
}
