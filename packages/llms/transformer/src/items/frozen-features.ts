import { createHash } from 'node:crypto';
import type { Catalogue, JsonValue, Matrix, NamedArray, Rng } from '@tandem-rec/contract';
import { allRows, grown } from '@tandem-rec/compute';
import { itemText } from '@tandem-rec/data';
import type { CachedEncoder } from '@tandem-rec/language';
import { FeatureMap } from './feature-map.ts';
import type { ItemFeatures, Refreshed } from './item-features.ts';

/** Texts that make a first fit worth while. */
const FIRST_FIT = 64;
/** A map is fitted again when the texts have become this many times as many. */
const REFIT_GROWTH = 4;

/** Features of items from a frozen sentence encoder: its vectors, mapped to their principal components. */
export class FrozenFeatures implements ItemFeatures {
  readonly id: string;
  readonly dim: number;
  readonly #encoder: CachedEncoder;
  readonly #map: FeatureMap;
  #revision = 0;
  /** Rows known, with or without text. */
  #rows = 0;
  #features = new Float32Array(0);
  /** The first eight bytes of the hash of the text behind each row, two words; zeros: no text. */
  #hashes = new Uint32Array(0);
  /** Rows with text. */
  #texts = 0;

  constructor(encoder: CachedEncoder, dim: number, whitening: number, rng: Rng) {
    this.id = `minilm ${encoder.id}`;
    this.dim = dim;
    this.#encoder = encoder;
    this.#map = new FeatureMap(encoder.dim, dim, whitening, rng);
  }

  async refresh(catalogue: Catalogue, learning: boolean, signal?: AbortSignal): Promise<Refreshed> {
    if (catalogue.revision === this.#revision && !(learning && this.#fitIsDue)) return { rows: new Int32Array(0) };
    const before = this.#revision;
    this.#grow(catalogue.size);
    const rows = this.#changed(catalogue);
    this.#revision = catalogue.revision;
    this.#texts = this.#withText().length;
    try {
      if (learning && this.#fitIsDue) return await this.#refit(catalogue, signal);
      this.#put(rows, this.#map.apply(await this.#vectors(catalogue, rows, signal), rows.length));
      return { rows };
    } catch (error) {
      // Whoever asks again must find them unencoded.
      for (const row of rows) this.#hashes.fill(0, 2 * row, 2 * row + 2);
      this.#revision = before;
      throw error;
    }
  }

  gather(rows: Int32Array, into: Float32Array): void {
    const { dim } = this;
    for (let i = 0; i < rows.length; i++) {
      const known = rows[i] < this.#rows;
      for (let d = 0, from = rows[i] * dim, to = i * dim; d < dim; d++)
        into[to + d] = known ? this.#features[from + d] : 0;
    }
  }

  async ofTexts(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    return this.#map.apply(await this.#encoder.encode(texts, signal), texts.length);
  }

  /** The frozen encoder's vectors. */
  async read(texts: readonly string[], signal?: AbortSignal): Promise<Matrix> {
    const cols = this.#encoder.dim;
    const data = await this.#encoder.encode(texts, signal);
    for (const [i, text] of texts.entries()) if (text === '') data.fill(0, i * cols, (i + 1) * cols);
    return { rows: texts.length, cols, data };
  }

  /** The map only: what texts say can be had again, and comes from the cache. */
  save(): { readonly arrays: readonly NamedArray[]; readonly values: JsonValue } {
    return { arrays: this.#map.save(), values: { fitted: this.#map.fitted } };
  }

  load(arrays: readonly NamedArray[], values: JsonValue): void {
    this.#map.load(arrays, (values as { readonly fitted: number }).fitted);
    this.#hashes.fill(0);
    this.#texts = 0;
    this.#revision = 0;
  }

  close(): void {
    this.#encoder.close();
  }

  get #fitIsDue(): boolean {
    return this.#texts >= Math.max(FIRST_FIT, REFIT_GROWTH * this.#map.fitted);
  }

  /** Rows whose text differs from the one behind their features; takes over its hash. */
  #changed(catalogue: Catalogue): Int32Array {
    const hash = new Uint32Array(2);
    return catalogue.changedSince(this.#revision).filter((row) => {
      textHash(itemText(catalogue.item(row)), hash);
      if (hash[0] === this.#hashes[2 * row] && hash[1] === this.#hashes[2 * row + 1]) return false;
      this.#hashes.set(hash, 2 * row);
      return true;
    });
  }

  async #refit(catalogue: Catalogue, signal: AbortSignal | undefined): Promise<Refreshed> {
    const rows = this.#withText();
    const vectors = await this.#vectors(catalogue, rows, signal);
    const change = this.#map.fit(vectors, rows.length);
    this.#put(rows, this.#map.apply(vectors, rows.length));
    return { rows: allRows(this.#rows), change };
  }

  async #vectors(catalogue: Catalogue, rows: Int32Array, signal: AbortSignal | undefined): Promise<Float32Array> {
    return this.#encoder.encode(
      Array.from(rows, (row) => itemText(catalogue.item(row))),
      signal,
    );
  }

  /** Rows without text stay zero: they are known by nothing but their popularity. */
  #put(rows: Int32Array, features: Float32Array): void {
    for (let i = 0; i < rows.length; i++) {
      const at = rows[i] * this.dim;
      if (this.#hasText(rows[i])) this.#features.set(features.subarray(i * this.dim, (i + 1) * this.dim), at);
      else this.#features.fill(0, at, at + this.dim);
    }
  }

  #hasText(row: number): boolean {
    return this.#hashes[2 * row] !== 0 || this.#hashes[2 * row + 1] !== 0;
  }

  #withText(): Int32Array {
    const rows: number[] = [];
    for (let row = 0; row < this.#rows; row++) if (this.#hasText(row)) rows.push(row);
    return Int32Array.from(rows);
  }

  #grow(rows: number): void {
    if (rows <= this.#rows) return;
    this.#features = grown(this.#features, rows * this.dim);
    this.#hashes = grown(this.#hashes, rows * 2);
    this.#rows = rows;
  }
}

function textHash(text: string, into: Uint32Array): void {
  if (text === '') {
    into.fill(0);
    return;
  }
  const digest = createHash('sha256').update(text).digest();
  into[0] = digest.readUInt32LE(0) | 1;
  into[1] = digest.readUInt32LE(4);
}
