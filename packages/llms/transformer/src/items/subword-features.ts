import {
  savedArray,
  type Catalogue,
  type JsonValue,
  type Matrix,
  type NamedArray,
  type Rng,
} from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';
import { itemText } from '@tandem-rec/data';
import { HashedSubwordEncoder } from '@tandem-rec/language';
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
  /** `buckets × dim`. */
  readonly #table: Float32Array;
  /** Of each bucket, the sum of its gradients' mean squares. */
  readonly #squares: Float32Array;
  #revision = 0;
  readonly #words: Word[] = [];
  readonly #wordIds = new Map<string, number>();
  /** Word ids in the order of their texts. */
  #sorted: readonly number[] = [];
  /** The words that each bucket is in, in that order, if an item has them: sums must not depend on when a word was first seen. */
  #uses: Groups = groupsOf([], 0);
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
  }

  refresh(catalogue: Catalogue): Promise<Refreshed> {
    if (catalogue.revision === this.#revision) return Promise.resolve({ rows: new Int32Array(0) });
    const known = this.#words.length;
    const rows = catalogue.changedSince(this.#revision);
    for (const row of rows) {
      while (this.#items.length <= row) this.#items.push(new Int32Array(0));
      this.#items[row] = Int32Array.from(this.#encoder.words(itemText(catalogue.item(row))), (word) =>
        this.#wordId(word),
      );
    }
    this.#revision = catalogue.revision;
    const count = this.#words.length;
    if (count > known) {
      this.#sorted = this.#words
        .map((_, id) => id)
        .sort((a, b) => (this.#words[a].text < this.#words[b].text ? -1 : 1));
      this.#vectors = grown(this.#vectors, count * this.dim);
      this.#stamps = grown(this.#stamps, count);
    }
    const inUse = new Uint8Array(count);
    for (const words of this.#items) for (const id of words) inUse[id] = 1;
    const used = this.#sorted.filter((id) => inUse[id] === 1);
    this.#uses = groupsOf(
      used.map((id) => ({ member: id, of: this.#words[id].subwords })),
      this.#encoder.buckets,
    );
    return Promise.resolve({ rows });
  }

  gather(rows: Int32Array, into: Float32Array): void {
    const { dim } = this;
    for (let i = 0; i < rows.length; i++) {
      const words = this.#items[rows[i]] ?? NO_WORDS;
      for (let j = 0; j < words.length; j++) this.#bringUpToDate(words[j]);
      sumRows(this.#vectors, words, 0, words.length, 1 / Math.sqrt(words.length), into, i * dim, dim);
    }
  }

  ofTexts(texts: readonly string[]): Promise<Float32Array> {
    const { dim } = this;
    const features = new Float32Array(texts.length * dim);
    for (const [i, text] of texts.entries()) {
      const words = this.#encoder.words(text).map((word) => this.#encoder.subwords(word));
      const vectors = new Float32Array(words.length * dim);
      for (const [j, subwords] of words.entries())
        sumRows(this.#table, subwords, 0, subwords.length, 1 / Math.sqrt(subwords.length), vectors, j * dim, dim);
      const all = Int32Array.from(words.keys());
      sumRows(vectors, all, 0, all.length, 1 / Math.sqrt(Math.max(all.length, 1)), features, i * dim, dim);
    }
    return Promise.resolve(features);
  }

  /** Words here have no other vectors than those that are learned. */
  async read(texts: readonly string[]): Promise<Matrix> {
    return { rows: texts.length, cols: this.dim, data: await this.ofTexts(texts) };
  }

  learn(rows: Int32Array, gradient: Float32Array, rate: number): void {
    const { dim } = this;
    const dItems = new Float32Array(rows.length * dim);
    const mentions: { readonly member: number; readonly of: Int32Array }[] = [];
    for (let i = 0; i < rows.length; i++) {
      const words = this.#items[rows[i]] ?? NO_WORDS;
      const scale = 1 / Math.sqrt(words.length);
      for (let at = i * dim; at < (i + 1) * dim; at++) dItems[at] = scale * gradient[at];
      mentions.push({ member: i, of: words });
    }
    const { starts, members } = groupsOf(mentions, this.#words.length);
    const dWords = new Float32Array(this.#words.length * dim);
    for (let id = 0; id < this.#words.length; id++)
      sumRows(
        dItems,
        members,
        starts[id],
        starts[id + 1],
        1 / Math.sqrt(this.#words[id].subwords.length),
        dWords,
        id * dim,
        dim,
      );
    this.#step(dWords, rate);
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
    this.#table.set(savedArray({ arrays }, 'subwords', Float32Array, shape));
    this.#squares.set(savedArray({ arrays }, 'subwords:squares', Float32Array, [this.#encoder.buckets]));
    this.#age++;
    this.#revision = 0;
  }

  close(): void {}

  #bringUpToDate(id: number): void {
    if (this.#stamps[id] === this.#age) return;
    const { dim } = this;
    const { subwords } = this.#words[id];
    sumRows(this.#table, subwords, 0, subwords.length, 1 / Math.sqrt(subwords.length), this.#vectors, id * dim, dim);
    this.#stamps[id] = this.#age;
  }

  /** Adagrad with one rate a bucket, by the mean square of its gradients; buckets without a gradient keep still. */
  #step(dWords: Float32Array, scale: number): void {
    const { dim } = this;
    const table = this.#table;
    const { starts, members } = this.#uses;
    const gradient = new Float32Array(dim);
    for (let bucket = 0; bucket < this.#squares.length; bucket++) {
      if (starts[bucket] === starts[bucket + 1]) continue;
      sumRows(dWords, members, starts[bucket], starts[bucket + 1], 1, gradient, 0, dim);
      let square = 0;
      for (let d = 0; d < dim; d++) square += gradient[d] * gradient[d];
      if (square === 0) continue;
      this.#squares[bucket] += square / dim;
      const rate = (scale * this.#learningRate) / Math.sqrt(this.#squares[bucket]);
      for (let d = 0, at = bucket * dim; d < dim; d++) table[at + d] -= rate * gradient[d];
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

/** Members by group: those of g are `members[starts[g] … starts[g + 1])`. */
interface Groups {
  readonly starts: Int32Array;
  readonly members: Int32Array;
}

/** For each group the members that are in it, in the order given. */
function groupsOf(
  memberships: readonly { readonly member: number; readonly of: Int32Array }[],
  groups: number,
): Groups {
  const starts = new Int32Array(groups + 1);
  for (const { of } of memberships) for (let j = 0; j < of.length; j++) starts[of[j] + 1]++;
  for (let group = 0; group < groups; group++) starts[group + 1] += starts[group];
  const next = starts.slice();
  const members = new Int32Array(starts[groups]);
  for (const { member, of } of memberships) for (let j = 0; j < of.length; j++) members[next[of[j]]++] = member;
  return { starts, members };
}

/** `into[at …] = scale · Σ_j matrix[rows[j]]` for j in `from … to − 1`, rows `dim` wide: four at a time, a quarter of the traffic with `into`. */
function sumRows(
  matrix: Float32Array,
  rows: Int32Array,
  from: number,
  to: number,
  scale: number,
  into: Float32Array,
  at: number,
  dim: number,
): void {
  into.fill(0, at, at + dim);
  let j = from;
  for (; j + 4 <= to; j += 4) {
    const r0 = rows[j] * dim;
    const r1 = rows[j + 1] * dim;
    const r2 = rows[j + 2] * dim;
    const r3 = rows[j + 3] * dim;
    for (let d = 0; d < dim; d++)
      into[at + d] += scale * (matrix[r0 + d] + matrix[r1 + d] + (matrix[r2 + d] + matrix[r3 + d]));
  }
  for (; j < to; j++) for (let d = 0, r = rows[j] * dim; d < dim; d++) into[at + d] += scale * matrix[r + d];
}
