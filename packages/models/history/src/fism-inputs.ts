import type { DecayedCounts, Arena } from '@tandem-rec/compute';
import type { GrantedTable, Rows, UserContexts } from '@tandem-rec/contract';
import type { FismOptions } from './fism.ts';
import { arenaRoom, arenaRowRoom, room } from './scratch.ts';
import type { PooledHistories } from './user-tower.ts';
import type { WorkingSet } from './working-set.ts';

/** The tables of `fism`. */
export interface FismTables {
  readonly item: GrantedTable;
  readonly itemBias: GrantedTable;
  readonly user: GrantedTable;
}

/** What is known of some items, one behind another; arrays may be longer. */
export interface ReadItems {
  readonly rows: number;
  /** `rows × dim`, in the arena. */
  readonly E: Float32Array;
  readonly bias: Float32Array<ArrayBuffer>;
  /** 0 for an item nobody met. */
  readonly logPopularity: Float32Array<ArrayBuffer>;
}

/** Reads what a step or a prediction looks at, in the arena what kernels read. Each result holds until it is read again. */
export class FismInputs {
  readonly #arena: Arena;
  readonly #options: FismOptions;
  readonly #popularity: DecayedCounts;
  #tables!: FismTables;
  #E: Float32Array = new Float32Array(0);
  #bias = new Float32Array(0);
  #logPopularity = new Float32Array(0);
  #P: Float32Array = new Float32Array(0);
  #met: Float32Array = new Float32Array(0);
  #offsets: Int32Array = new Int32Array(0);
  #entries: Int32Array = new Int32Array(0);

  constructor(arena: Arena, options: FismOptions, popularity: DecayedCounts) {
    this.#arena = arena;
    this.#options = options;
    this.#popularity = popularity;
  }

  attach(tables: FismTables): void {
    this.#tables = tables;
  }

  /** `whole`: they are all rows in order. */
  readItems(rows: Rows, whole: boolean): ReadItems {
    const n = rows.length;
    const { item, itemBias } = this.#tables;
    const E = (this.#E = arenaRoom(this.#arena, this.#E, n * this.#options.dim));
    const bias = (this.#bias = room(this.#bias, n));
    const logPopularity = (this.#logPopularity = room(this.#logPopularity, n));
    if (whole) {
      item.copy(n, E);
      itemBias.copy(n, bias);
    } else {
      item.gather(rows, E);
      itemBias.gather(rows, bias);
    }
    this.#popularity.read(rows, logPopularity);
    const { smoothing } = this.#options.popularity;
    for (let i = 0; i < n; i++) logPopularity[i] = Math.log(logPopularity[i] / smoothing + 1);
    return { rows: n, E, bias, logPopularity };
  }

  /** P, `size × dim`. */
  readUsers(users: Rows, size: number): Float32Array {
    this.#P = arenaRoom(this.#arena, this.#P, size * this.#options.dim);
    this.#tables.user.gather(users.length === size ? users : users.subarray(0, size), this.#P);
    return this.#P;
  }

  /** Histories cut to the model's positions, as rows of the working set, or as they are where there is none. */
  histories({ size, history }: UserContexts, set?: WorkingSet): PooledHistories {
    const { history: positions } = this.#options;
    this.#offsets = arenaRowRoom(this.#arena, this.#offsets, size + 1);
    this.#entries = arenaRowRoom(this.#arena, this.#entries, Math.min(history.items.length, size * positions));
    let end = 0;
    for (let b = 0; b < size; b++) {
      this.#offsets[b] = end;
      const start = history.offsets[b];
      const length = Math.min(history.offsets[b + 1] - start, positions);
      for (let k = 0; k < length; k++)
        this.#entries[end++] = set ? set.local(history.items[start + k]) : history.items[start + k];
    }
    this.#offsets[size] = end;
    return { offsets: this.#offsets, rows: this.#entries };
  }

  /** The same with the items' rows side by side in E. */
  historiesAside(users: UserContexts): { readonly histories: PooledHistories; readonly E: Float32Array } {
    const histories = this.histories(users);
    const entries = histories.offsets[users.size];
    this.#met = arenaRoom(this.#arena, this.#met, entries * this.#options.dim);
    this.#tables.item.gather(this.#entries.subarray(0, entries), this.#met);
    for (let i = 0; i < entries; i++) this.#entries[i] = i;
    return { histories, E: this.#met };
  }
}
