import { grown } from '@tandem-rec/compute';
import { savedArray, type Side, type State } from '@tandem-rec/contract';

/** When users or items were last spoken of: again only when the evidence about them has doubled. */
export class Told {
  readonly #side: Side;
  readonly #minCount: number;
  /** Interactions then, by row; 0: never. */
  #counts = new Float32Array(0);

  constructor(side: Side, minCount: number) {
    this.#side = side;
    this.#minCount = minCount;
  }

  isDue(row: number, interactions: number): boolean {
    return interactions >= Math.max(this.#minCount, 2 * (this.#counts[row] ?? 0));
  }

  tell(row: number, interactions: number): void {
    this.#counts = grown(this.#counts, row + 1);
    this.#counts[row] = interactions;
  }

  save(): State['arrays'][number] {
    const data = this.#counts.slice(0, this.#counts.findLastIndex((count) => count > 0) + 1);
    return { name: `told/${this.#side}`, shape: [data.length], owner: this.#side, data };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    this.#counts = savedArray(state, `told/${this.#side}`, Float32Array).slice();
  }
}
