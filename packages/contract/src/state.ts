import type { JsonValue } from './json.ts';
import type { Side } from './knowledge.ts';

/** Element types that a checkpoint keeps. */
export type NumericArray =
  Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array | BigInt64Array | Uint16Array;

/** A named array of a component's state. Its dtype is its own class. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whose rows these are: what belongs to users moves with their partition, the rest is common to all workers. */
  readonly owner: Side | 'common';
  /** Length: the product of `shape`. */
  readonly data: NumericArray;
}

/** The complete state of a component: loading it makes the component behave bit for bit as the one that saved it. */
export interface State {
  /** Grows when the layout changes. `load` reads the versions it knows and refuses others with `TANDEM_STATE_MISMATCH`. */
  readonly version: number;
  readonly arrays: readonly NamedArray[];
  readonly values: { readonly [key: string]: JsonValue };
}

/** What every part with a memory offers: participants, strategies, fusions. */
export interface Stateful {
  /** Arrays may alias live memory: the engine writes them out before the component is used again. */
  save(): State | Promise<State>;
  load(state: State): void | Promise<void>;
}

/** A component without memory saves this. */
export const EMPTY_STATE: State = Object.freeze({ version: 1, arrays: [], values: {} });
