import type { Catalogue, JsonValue, NamedArray, Rng } from '@tandem-rec/contract';
import { HashedSubwordEncoder } from '../encoder/hashed-subword-encoder.ts';
import { itemText } from '../encoder/item-text.ts';
import { savedFloats } from './adam-w.ts';
import { grown } from './grow.ts';
import type { ItemFeatures, Refreshed } from './item-features.ts';

interface Word {
  readonly text: string;
  readonly subwords: Int32Array;
}

/** Element-wise Adagrad for the buckets. */
const INITIAL_SQUARE = 1e-6;

/**
 * Features of items without any pretrained weights: a word is the sum of its subwords' learned embeddings, an item that of
 * its words, each divided by the root of how many they are (Bojanowski et al., 2017). Words are shared between items, so a
 * step sums every word once.
 */
export class SubwordFeatures implements ItemFeatures {
  readonly id: string;
  readonly dim: number;
  readonly #encoder: HashedSubwordEncoder;
  readonly #learningRate: number;
  /** `buckets × dim`, and the sums of squared gradients. */
  readonly #table: Float32Array;
  readonly #squares: Float32Array;
  #revision = 0;
  readonly #words: Word[] = [];
  readonly #wordIds = new Map<string, number>();
  /** Word ids in the order of their texts: sums must not depend on when a word was first seen. */
  #sorted: Int32Array = new Int32Array(0);
  /** Words of each row. */
  readonly #items: Int32Array[] = [];
  /** Words' vectors, up to date where the stamp is the table's age. */
  #vectors = new Float32Array(0);
  #stamps = new Int32Array(0);
  #age = 1;

  constructor(buckets: number, dim: number, learningRate: number, rng: Rng) {
    this.id = `subwords ${buckets}`;
    this.dim = dim;
    this.#encoder = new HashedSubwordEncoder(buckets);
    this.#learningRate = learningRate;
    this.#table = Float32Array.from({ length: buckets * dim }, () => rng.normal());
    this.#squares = new Float32Array(buckets * dim).fill(INITIAL_SQUARE);
  }

  refresh(catalogue: Catalogue): Promise<Refreshed> {
    if (catalogue.revision === this.#revision) return Promise.resolve({ rows: new Int32Array(0) });
    const known = this.#words.length;
    const rows = catalogue.changedSince(this.#revision);
    for (const row of rows) {
      while (this.#items.length <= row) this.#items.push(new Int32Array(0));
      this.#items[row] = Int32Array.from(this.#encoder.words(itemText(catalogue.item(row))), (word) => this.#wordId(word));
    }
    this.#revision = catalogue.revision;
    const count = this.#words.length;
    if (count > known) {
      this.#sorted = Int32Array.from(Array.from({ length: count }, (_, id) => id).sort((a, b) => (this.#words[a].text < this.#words[b].text ? -1 : 1)));
      this.#vectors = grown(this.#vectors, count * this.dim);
      this.#stamps = grown(this.#stamps, count);
    }
    return Promise.resolve({ rows });
  }

  gather(rows: Int32Array, into: Float32Array): void {
    const { dim } = this;
    for (let i = 0; i < rows.length; i++) {
      const at = i * dim;
      into.fill(0, at, at + dim);
      const words = this.#items[rows[i]] ?? [];
      const scale = 1 / Math.sqrt(words.length || 1);
      for (let j = 0; j < words.length; j++) {
        const from = this.#wordVector(words[j]);
        for (let d = 0; d < dim; d++) into[at + d] += scale * this.#vectors[from + d];
      }
    }
  }

  learn(rows: Int32Array, gradient: Float32Array): void {
    const { dim } = this;
    const dWords = new Float32Array(this.#words.length * dim);
    for (let i = 0; i < rows.length; i++) {
      const words = this.#items[rows[i]] ?? [];
      const scale = 1 / Math.sqrt(words.length || 1);
      for (let j = 0; j < words.length; j++)
        for (let d = 0, to = words[j] * dim, from = i * dim; d < dim; d++) dWords[to + d] += scale * gradient[from + d];
    }
    const dTable = new Float32Array(this.#table.length);
    for (const id of this.#sorted) {
      const { subwords } = this.#words[id];
      const scale = 1 / Math.sqrt(subwords.length);
      for (let j = 0; j < subwords.length; j++)
        for (let d = 0, to = subwords[j] * dim, from = id * dim; d < dim; d++) dTable[to + d] += scale * dWords[from + d];
    }
    for (let i = 0; i < dTable.length; i++) {
      const g = dTable[i];
      if (g === 0) continue;
      this.#squares[i] += g * g;
      this.#table[i] -= (this.#learningRate * g) / Math.sqrt(this.#squares[i]);
    }
    this.#age++;
  }

  save(): { readonly arrays: readonly NamedArray[]; readonly values: JsonValue } {
    const shape = [this.#encoder.buckets, this.dim];
    return {
      arrays: [
        { name: 'subwords', shape, owner: 'common', data: this.#table },
        { name: 'subwords:squares', shape, owner: 'common', data: this.#squares },
      ],
      values: {},
    };
  }

  load(arrays: readonly NamedArray[]): void {
    const shape = [this.#encoder.buckets, this.dim];
    this.#table.set(savedFloats(arrays, 'subwords', shape));
    this.#squares.set(savedFloats(arrays, 'subwords:squares', shape));
    this.#age++;
    this.#revision = 0;
  }

  close(): void {}

  /** Where the word's vector is in `#vectors`, after bringing it up to date. */
  #wordVector(id: number): number {
    const { dim } = this;
    const at = id * dim;
    if (this.#stamps[id] === this.#age) return at;
    const { subwords } = this.#words[id];
    const scale = 1 / Math.sqrt(subwords.length);
    this.#vectors.fill(0, at, at + dim);
    for (let j = 0; j < subwords.length; j++)
      for (let d = 0, from = subwords[j] * dim; d < dim; d++) this.#vectors[at + d] += scale * this.#table[from + d];
    this.#stamps[id] = this.#age;
    return at;
  }

  #wordId(text: string): number {
    const known = this.#wordIds.get(text);
    if (known !== undefined) return known;
    const id = this.#words.length;
    this.#words.push({ text, subwords: this.#encoder.subwords(text) });
    this.#wordIds.set(text, id);
    return id;
  }
}
