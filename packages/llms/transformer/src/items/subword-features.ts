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

/** Mean square that a bucket's gradients start from. */
const INITIAL_SQUARE = 1e-8;

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
  /** `buckets × dim`, and the gradient of a step. */
  readonly #table: Float32Array;
  readonly #gradient: Float32Array;
  /** Of each bucket, the sum of its gradients' mean squares. */
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
    this.#squares = new Float32Array(buckets).fill(INITIAL_SQUARE);
    this.#gradient = new Float32Array(buckets * dim);
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
    into.fill(0, 0, rows.length * dim);
    for (let i = 0; i < rows.length; i++) {
      const words = this.#items[rows[i]] ?? NO_WORDS;
      const scale = 1 / Math.sqrt(words.length);
      for (let j = 0; j < words.length; j++) {
        this.#bringUpToDate(words[j]);
        addScaled(this.#vectors, words[j] * dim, scale, into, i * dim, dim);
      }
    }
  }

  learn(rows: Int32Array, gradient: Float32Array): void {
    const { dim } = this;
    const dWords = new Float32Array(this.#words.length * dim);
    const touched = new Uint8Array(this.#words.length);
    for (let i = 0; i < rows.length; i++) {
      const words = this.#items[rows[i]] ?? NO_WORDS;
      const scale = 1 / Math.sqrt(words.length);
      for (let j = 0; j < words.length; j++) {
        addScaled(gradient, i * dim, scale, dWords, words[j] * dim, dim);
        touched[words[j]] = 1;
      }
    }
    const dTable = this.#gradient;
    dTable.fill(0);
    for (const id of this.#sorted) {
      if (touched[id] === 0) continue;
      const { subwords } = this.#words[id];
      const scale = 1 / Math.sqrt(subwords.length);
      for (let j = 0; j < subwords.length; j++) addScaled(dWords, id * dim, scale, dTable, subwords[j] * dim, dim);
    }
    this.#step(dTable);
    this.#age++;
  }

  save(): { readonly arrays: readonly NamedArray[]; readonly values: JsonValue } {
    const shape = [this.#encoder.buckets, this.dim];
    return {
      arrays: [
        { name: 'subwords', shape, owner: 'common', data: this.#table },
        { name: 'subwords:squares', shape: [this.#encoder.buckets], owner: 'common', data: this.#squares },
      ],
      values: {},
    };
  }

  load(arrays: readonly NamedArray[]): void {
    const shape = [this.#encoder.buckets, this.dim];
    this.#table.set(savedFloats(arrays, 'subwords', shape));
    this.#squares.set(savedFloats(arrays, 'subwords:squares', [this.#encoder.buckets]));
    this.#age++;
    this.#revision = 0;
  }

  close(): void {}

  #bringUpToDate(id: number): void {
    if (this.#stamps[id] === this.#age) return;
    const { dim } = this;
    const at = id * dim;
    const { subwords } = this.#words[id];
    const scale = 1 / Math.sqrt(subwords.length);
    this.#vectors.fill(0, at, at + dim);
    for (let j = 0; j < subwords.length; j++) addScaled(this.#table, subwords[j] * dim, scale, this.#vectors, at, dim);
    this.#stamps[id] = this.#age;
  }

  /** Adagrad with one rate a bucket, by the mean square of its gradients; buckets without a gradient keep still. */
  #step(gradient: Float32Array): void {
    const table = this.#table;
    const { dim } = this;
    for (let bucket = 0; bucket < this.#squares.length; bucket++) {
      const from = bucket * dim;
      let square = 0;
      for (let i = from; i < from + dim; i++) square += gradient[i] * gradient[i];
      if (square === 0) continue;
      this.#squares[bucket] += square / dim;
      addScaled(gradient, from, -this.#learningRate / Math.sqrt(this.#squares[bucket]), table, from, dim);
    }
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

const NO_WORDS = new Int32Array(0);

/** `to[t …] += scale · from[f …]`, `count` numbers. */
function addScaled(from: Float32Array, f: number, scale: number, to: Float32Array, t: number, count: number): void {
  for (let d = 0; d < count; d++) to[t + d] += scale * from[f + d];
}
