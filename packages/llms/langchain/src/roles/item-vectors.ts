import type { Catalogue, Rows } from '@tandem-rec/contract';
import type { Gateway } from '../exchanges/gateway.ts';
import type { Fallback } from './fallback.ts';
import type { Words } from './words.ts';

/** Vectors of items' texts, of length 1. While the embedding model does not answer there are none. */
export class ItemVectors {
  readonly #gateway: Gateway;
  readonly #words: Words;
  readonly #catalogue: Catalogue;
  readonly #fallback: Fallback;
  readonly #history: number;
  readonly #vectors = new Map<number, Float32Array | undefined>();
  #revision = 0;
  #complete = true;

  constructor(gateway: Gateway, words: Words, catalogue: Catalogue, fallback: Fallback, history: number) {
    this.#gateway = gateway;
    this.#words = words;
    this.#catalogue = catalogue;
    this.#fallback = fallback;
    this.#history = history;
  }

  async prepare(rows: readonly Rows[]): Promise<void> {
    if (this.#revision !== this.#catalogue.revision) {
      for (const row of this.#catalogue.changedSince(this.#revision)) this.#vectors.delete(row);
      this.#revision = this.#catalogue.revision;
    }
    const missing = [...new Set(rows.flatMap((each) => [...each]))].filter((row) => !this.#vectors.has(row));
    const texts = missing.map((row) => this.#words.text(row));
    const known = texts.filter((text) => text !== '');
    const found = await this.#fallback.orElse(
      () => this.#gateway.embed(known),
      () => undefined,
    );
    this.#complete = found !== undefined;
    if (!found) return;
    let next = 0;
    for (const [i, row] of missing.entries())
      this.#vectors.set(row, texts[i] === '' ? undefined : normalised(found[next++]));
  }

  /** Of the newest of a past with each item; 0 where either has no text. Undefined while vectors are missing: part of them would not be fair. */
  cosines(past: Rows, items: Rows): Float32Array | undefined {
    if (!this.#complete) return undefined;
    const known = [...past.subarray(0, this.#history)]
      .map((row) => this.#vectors.get(row))
      .filter((each) => each !== undefined);
    if (known.length === 0) return undefined;
    const mean = normalised(known[0].map((_, d) => known.reduce((sum, vector) => sum + vector[d], 0)));
    return Float32Array.from(items, (row) => dot(this.#vectors.get(row), mean));
  }
}

const dot = (a: Float32Array | undefined, b: Float32Array): number =>
  a === undefined || a.length !== b.length ? 0 : a.reduce((sum, value, d) => sum + value * b[d], 0);

function normalised(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? vector : vector.map((value) => value / length);
}
