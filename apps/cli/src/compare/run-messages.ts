import type { CompositionRequest, LogLevel } from '@tandem-rec/cotrainer';
import type { RunResult } from './run-result.ts';

/** What a process is asked to train. */
export interface RunOrder {
  readonly regime: 'batch' | 'stream';
  readonly request: CompositionRequest;
  readonly log: LogLevel;
  readonly about: RunResult['about'];
}

/** How far a run is. */
export interface RunProgress {
  readonly text: string;
  /** Of the whole, where it can be told. */
  readonly share?: number;
}

/** What the process says. */
export type FromRun =
  | { readonly kind: 'progress'; readonly progress: RunProgress }
  | { readonly kind: 'note'; readonly line: string }
  | { readonly kind: 'result'; readonly result: RunResult }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Of a `TandemError`. */
      readonly code?: string;
      readonly remedy?: string;
    };
