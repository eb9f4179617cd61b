import type { Catalogue, JsonValue, Matrix, NamedArray } from '@tandem-rec/contract';
import type { MapChange } from './feature-map.ts';

/** What a refresh of the features found. */
export interface Refreshed {
  /** Rows whose features are other ones now. */
  readonly rows: Int32Array;
  /** The map behind all features changed: layers on top of them follow. */
  readonly change?: MapChange;
}

/** Features of items from their texts, one row an item. */
export interface ItemFeatures {
  /** What is fixed into a saved state: on load it must be the same. */
  readonly id: string;
  /** Width of a row. */
  readonly dim: number;
  /** Looks at texts that are new or changed. Only while learning may it refit what is common to all items. */
  refresh(catalogue: Catalogue, learning: boolean, signal?: AbortSignal): Promise<Refreshed>;
  /** Writes the features of rows into `into` (`rows.length × dim`); zeros for rows without text. */
  gather(rows: Int32Array, into: Float32Array): void;
  /** Features of any texts, as items with these texts would have them now (`texts.length × dim`). */
  ofTexts(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array>;
  /** Learned features move along their gradient (`rows.length × dim`); frozen ones have no such method. */
  learn?(rows: Int32Array, gradient: Float32Array, rate: number): void;
  /** What texts say before anything here was fitted or learned, where there is such a thing; zeros for no text. */
  read(texts: readonly string[], signal?: AbortSignal): Promise<Matrix>;
  save(): { readonly arrays: readonly NamedArray[]; readonly values: JsonValue };
  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[], values: JsonValue): void;
  close(): void;
}
