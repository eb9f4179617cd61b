import type { Catalogue, Rows } from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';
import { itemText } from '@tandem-rec/data';
import type { TextVectors } from './text-vectors.ts';

/** What the items' texts say, of length 1, by row; zeros where there is no text. */
export class ItemVectors {
  readonly #texts: TextVectors;
  readonly #catalogue: Catalogue;
  #revision = 0;
  /** Rows that have a place in `data`. */
  rows = 0;
  /** `rows × dim`, and room to grow. */
  data = new Float32Array(0);

  constructor(texts: TextVectors, catalogue: Catalogue) {
    this.#texts = texts;
    this.#catalogue = catalogue;
  }

  get dim(): number {
    return this.#texts.dim;
  }

  /** Reads what is new or changed in the catalogue. Whoever asks again after it failed finds it as it was before. */
  async refresh(signal: AbortSignal): Promise<void> {
    const { revision, size } = this.#catalogue;
    if (revision === this.#revision && size === this.rows) return;
    const { dim } = this;
    const rows = this.#catalogue.changedSince(this.#revision);
    const texts = Array.from(rows, (row) => itemText(this.#catalogue.item(row)));
    const spoken = [...rows.keys()].filter((i) => texts[i] !== '');
    const vectors = await this.#texts.of(
      spoken.map((i) => texts[i]),
      signal,
    );
    this.data = grown(this.data, size * dim);
    for (const row of rows) this.data.fill(0, row * dim, (row + 1) * dim);
    for (const [v, i] of spoken.entries()) this.data.set(vectors.subarray(v * dim, (v + 1) * dim), rows[i] * dim);
    this.rows = size;
    this.#revision = revision;
  }

  /** Vectors of these items, `rows.length × dim`. */
  gather(rows: Rows): Float32Array {
    const { dim, data } = this;
    const into = new Float32Array(rows.length * dim);
    for (const [i, row] of rows.entries())
      if (row >= 0 && row < this.rows) into.set(data.subarray(row * dim, (row + 1) * dim), i * dim);
    return into;
  }
}
