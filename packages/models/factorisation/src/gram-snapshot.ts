import { restore, type Arena } from '@tandem-rec/compute';
import type { GrantedTable, NamedArray, State } from '@tandem-rec/contract';
import type { IalsObjective } from './ials-objective.ts';
import { readPadded } from './padded.ts';

/** Rows that change before the matrix is summed anew, as a share of all: then the sum costs about what solving them did. */
const STALE_SHARE = 1 / 16;

/** α₀ Σ h hᵀ over a table, summed anew when enough of its rows have changed. */
export class GramSnapshot {
  readonly values: Float32Array;
  readonly #side: 'user' | 'item';
  readonly #objective: IalsObjective;
  /** Rows when it was summed, and rows that changed since. */
  readonly #counts = new Float64Array(2);

  constructor(side: 'user' | 'item', objective: IalsObjective) {
    this.#side = side;
    this.#objective = objective;
    this.values = new Float32Array(objective.width ** 2);
  }

  changed(rows: number): void {
    this.#counts[1] += rows;
  }

  refresh(arena: Arena, table: GrantedTable): void {
    const { rows } = table;
    const moved = this.#counts[1] + rows - this.#counts[0];
    if (moved === 0 || moved < STALE_SHARE * rows) return;
    arena.scoped(() => {
      const { width } = this.#objective;
      const values = arena.float32(rows * width);
      const gram = arena.float32(width * width);
      readPadded(table, 'all', values);
      this.#objective.gram(arena, values, rows, gram);
      this.set(gram, rows);
    });
  }

  /** What somebody else summed over so many rows. */
  set(values: Float32Array, rows: number): void {
    this.values.set(values);
    this.#counts.set([rows, 0]);
  }

  save(): NamedArray[] {
    const { width } = this.#objective;
    return [
      { name: `gram/${this.#side}`, shape: [width, width], owner: 'common', data: this.values },
      { name: `gram/${this.#side}/counts`, shape: [2], owner: 'common', data: this.#counts },
    ];
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    for (const { name, data } of this.save()) restore(state, name, data);
  }
}
