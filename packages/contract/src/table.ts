import type { Rows } from './matrix.ts';
import type { Side } from './knowledge.ts';

/** How a table's rows follow their gradients. Only touched rows move, unless they coast. */
export type RowOptimiser =
  | { readonly kind: 'sgd'; readonly learningRate: number; readonly l2?: number }
  | {
      readonly kind: 'adagrad';
      readonly learningRate: number;
      readonly l2?: number;
      readonly initialAccumulator?: number;
      /** Squared gradients are summed per element (default), or their mean per row: less memory, one rate a row. */
      readonly accumulator?: 'element' | 'row';
    }
  | {
      readonly kind: 'adam';
      readonly learningRate: number;
      readonly l2?: number;
      readonly beta1?: number;
      readonly beta2?: number;
      /**
       * What rows do in steps without a gradient: `rest` (default): nothing, and moments count the steps in which a row was
       * touched (lazy Adam: for streams, where a row may wait for days); or `coast`: they go on by their momentum and moments
       * fade with the steps of the table, as in dense Adam (for training at rest, where lazy Adam lets rare rows learn
       * too slowly).
       */
      readonly idle?: 'rest' | 'coast';
    };

/** A table of the shared embeddings that a participant brings. Its full name is `<participant>/<name>`. */
export interface TableRequest {
  /** Short name within the participant, for example `item`, `user`, `item-bias`. */
  readonly name: string;
  readonly side: Side;
  /** Width of a row. */
  readonly dim: number;
  /** Standard deviation of the rows at birth, unless a strategy supplies an initialiser. 0: zeros. */
  readonly initialStd: number;
  readonly optimiser: RowOptimiser;
}

/**
 * - `read`: rows are constants for the participant (stop-gradient),
 * - `train`: the participant returns row gradients, which the tables apply at the end of the step,
 * - `assign`: the participant may also overwrite rows (closed forms, strategies).
 */
export type TableAccess = 'read' | 'train' | 'assign';

/** A table of the shared embeddings as granted to one participant. */
export interface GrantedTable {
  /** Full name, for example `fism/item`. */
  readonly name: string;
  readonly side: Side;
  readonly dim: number;
  readonly access: TableAccess;
  /** Rows born so far; rows are `0 … rows - 1` and are never removed. */
  readonly rows: number;
  /** Rises whenever rows are born or changed, by whomever: while it stays, what was computed from the rows holds. */
  readonly revision: number;
  /** Copies rows into `into` (`rows.length × dim`); row −1 is all zeros. */
  gather(rows: Rows, into: Float32Array): void;
  /** Copies rows `0 … count - 1` into `into` (`count × dim`): faster than `gather` for a whole table. */
  copy(count: number, into: Float32Array): void;
  /** Overwrites rows (`rows.length × dim`). Throws `TANDEM_TABLE_ACCESS` unless access is `assign`. */
  assign(rows: Rows, values: Float32Array): void;
}

/** Gradients of the loss with respect to rows of one table. A row may occur more than once: its gradients add up. */
export interface RowGradients {
  /** Full name of the table. */
  readonly table: string;
  readonly rows: Rows;
  /** `rows.length × dim`. */
  readonly values: Float32Array;
}
