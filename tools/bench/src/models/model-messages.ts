import type { ErrorCode } from '@tandem-rec/contract';
import type { ModelRow, RunOptions } from './run-model.ts';
import type { Setting } from './settings/types.ts';
import type { SplitName } from './splits.ts';

/** What the process of a model is asked. */
export interface ModelRequest extends Pick<RunOptions, 'epochs' | 'threads' | 'seed'> {
  readonly split: SplitName;
  readonly model: string;
  /** The family's file of settings. */
  readonly file: string;
  readonly part: 'valid' | 'test';
  /** As a stream, so; at rest if it is missing. */
  readonly stream?: NonNullable<Setting['stream']>;
}

/** What it answers: its passes, then one of the others. */
export type FromProcess =
  | { readonly kind: 'epoch'; readonly epoch: number; readonly loss: number }
  | { readonly kind: 'rows'; readonly rows: readonly ModelRow[] }
  | { readonly kind: 'failed'; readonly message: string; readonly code?: ErrorCode };
