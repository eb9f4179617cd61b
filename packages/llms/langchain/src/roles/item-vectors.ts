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
      this.#vectors.set(row, texts[i] === '' ? undefined : normalise(found[next++].slice()));
  }

  /** Of the newest of a past with each item; 0 where either has no text. Undefined while vectors are missing: part of them would not be fair. */
  cosines(past: Rows, items: Rows): Float32Array | undefined {
    if (!this.#complete) return undefined;
    const known = [...past.subarray(0, this.#history)]
      .map((row) => this.#vectors.get(row))
      .filter((each) => each !== undefined);
    if (known.length === 0) return undefined;
    const mean = new Float32Array(known[0].length);
    for (const vector of known) for (let d = 0; d < mean.length; d++) mean[d] += vector[d];
    normalise(mean);
    return Float32Array.from(items, (row) => dot(this.#vectors.get(row), mean));
  }
}

// Plain loops: `reduce` takes seven times as long, and a whole catalogue is scored for every user.
function dot(a: Float32Array | undefined, b: Float32Array): number {
  if (a?.length !== b.length) return 0;
  let sum = 0;
  for (let d = 0; d < b.length; d++) sum += a[d] * b[d];
  return sum;
}

/** In place. */
function normalise(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  if (length > 0) for (let d = 0; d < vector.length; d++) vector[d] /= length;
  return vector;
}
