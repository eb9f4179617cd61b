import type { PluginUse } from '@tandem-rec/contract';
import type { SplitName } from '../splits.ts';

/**
 * One model on one split, as tuned. A family's settings are a file of this folder that exports
 * `settings: readonly Setting[]`; the file is found by being there.
 */
export interface Setting {
  readonly split: SplitName;
  /** Name of the row, such as `sasrec` or `item-knn-bm25`: how `--model` asks for it. */
  readonly model: string;
  /** The plugin with its tuned options, such as `ease({ lambda: 100 })`. */
  readonly use: PluginUse<'domain-model'>;
  /** Passes over the training part, chosen on validation; one for closed forms and for counts. */
  readonly epochs: number;
  /**
   * Which histories it is asked with, a row of the table each: `train`, and `train+valid` (the row `<model>+v`) where
   * what came after training is fed as history, without a refit. Default: `['train']`. For sequential models the
   * second is the usual protocol: `['train+valid']` alone keeps the plain name.
   */
  readonly histories?: readonly HistoryParts[];
  /** Newest items of a user that are told to it. Default: all. */
  readonly historyLimit?: number;
  /** Events a step, for models that learn by `learn` and have no `fit`. Default 512. */
  readonly batch?: number;
  /**
   * Instead of training at rest, the training part is played once, in the order of time, as a stream: batches of `batch`
   * events (default 64), each event learned again `replay` times later on, by chance. `epochs` is one.
   */
  readonly stream?: { readonly batch?: number; readonly replay: number };
  /** Trained so often, from seeds one after the other, where test parts are small: figures are the means. Default 1. */
  readonly seeds?: number;
  /** Whether it computes with tensors (`tf`): then the best tensor backend is opened before it is created. */
  readonly tensors?: true;
  /** How the options were found, on validation only: the grid, and what was looked at. */
  readonly tuned: string;
}

export type HistoryParts = 'train' | 'train+valid';
