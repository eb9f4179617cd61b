import { token, type Token } from './token.ts';
import type { CatalogueItem, Interaction } from './interaction.ts';

/** A row that could not be read. It is counted and shown, never guessed at. */
export interface RowError {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly reason: string;
}

/** How a dataset wants to be split when the configuration says `given`. */
export type GivenPart = 'train' | 'valid' | 'test';

/** A finite set of interactions and items, read as a stream. */
export interface DatasetReader {
  readonly name: string;
  /** `time`: events carry real times. `order`: only the order within a user means something. `none`: neither. */
  readonly chronology: 'time' | 'order' | 'none';
  /** All interactions in file order, or those of one given part. Row errors go to `onError`; a missing file throws `TANDEM_DATASET_MISSING`. */
  interactions(onError: (error: RowError) => void, part?: GivenPart): AsyncIterable<Interaction>;
  /** All items with what is known of them; empty if the dataset has none. */
  items(onError: (error: RowError) => void): AsyncIterable<CatalogueItem>;
}

/** Token of the extension point of the same name. */
export const DatasetReader: Token<DatasetReader> = token('DatasetReader');
