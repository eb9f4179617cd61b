import type { Batch, Rows } from '@tandem-rec/contract';
import { room, rowRoom } from './scratch.ts';
import type { WorkingSet } from './working-set.ts';

/** Row b of a batch, and whether what its user has met competes. */
interface Asked {
  readonly batch: Batch;
  readonly b: number;
  readonly set: WorkingSet;
  readonly maskHistory: boolean;
}

/** A list of candidates that a lesson brings, in the lesson's order. */
export class LessonCandidates {
  readonly #dim: number;
  #rows = new Int32Array(0);
  #E = new Float32Array(0);
  /** Which rows of the working set the current user has met: those marked with the current stamp. */
  #met = new Int32Array(0);
  #stamp = 0;

  constructor(dim: number) {
    this.#dim = dim;
  }

  /** Rows of a list in the working set, and those of E side by side (`items.length × dim`); until the next list. */
  list(set: WorkingSet, E: Float32Array, items: Rows): { readonly rows: Int32Array; readonly E: Float32Array } {
    const dim = this.#dim;
    const n = items.length;
    this.#rows = rowRoom(this.#rows, n);
    this.#E = room(this.#E, n * dim);
    for (let i = 0, to = 0; i < n; i++) {
      const row = (this.#rows[i] = set.local(items[i]));
      for (let d = 0, from = row * dim; d < dim; d++) this.#E[to++] = E[from++];
    }
    return { rows: this.#rows, E: this.#E };
  }

  /** z += offset for the listed rows; those the user has met, except the row's own target, become −∞. */
  shift({ batch, b, set, maskHistory }: Asked, offset: Float32Array, z: Float32Array): void {
    if (this.#met.length < set.size) {
      this.#met = rowRoom(this.#met, set.size);
      this.#stamp = 0;
    }
    this.#stamp++;
    const { offsets, items } = batch.history;
    if (maskHistory)
      for (let k = offsets[b]; k < offsets[b + 1]; k++) {
        const row = set.local(items[k]);
        if (row >= 0) this.#met[row] = this.#stamp;
      }
    this.#met[set.local(batch.items[b])] = 0;
    for (let i = 0; i < z.length; i++) {
      const row = this.#rows[i];
      z[i] = this.#met[row] === this.#stamp ? -Infinity : z[i] + offset[row];
    }
  }
}
