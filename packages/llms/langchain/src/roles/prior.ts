import type { Rows, Statistics } from '@tandem-rec/contract';
import type { ItemVectors } from './item-vectors.ts';

/**
 * What is believed of candidates before anybody judges them: how often they were met, and with vectors how near they are
 * to the past: `log(1 + count) + similarity · cos(mean of the past's vectors, item)`.
 */
export class Prior {
  readonly #statistics: Statistics;
  readonly #vectors: ItemVectors | undefined;
  readonly #similarity: number;

  constructor(statistics: Statistics, vectors: ItemVectors | undefined, similarity: number) {
    this.#statistics = statistics;
    this.#vectors = similarity === 0 ? undefined : vectors;
    this.#similarity = similarity;
  }

  /** Fetches the vectors that `logits` will need, in few calls. */
  async prepare(...rows: readonly Rows[]): Promise<void> {
    await this.#vectors?.prepare(rows);
  }

  /** One logit a candidate. */
  logits(past: Rows, items: Rows): Float32Array {
    const { itemCounts } = this.#statistics;
    const cosines = this.#vectors?.cosines(past, items);
    return Float32Array.from(
      items,
      (row, i) => Math.log1p(itemCounts[row] ?? 0) + (cosines ? this.#similarity * cosines[i] : 0),
    );
  }
}
