import { TandemError, type NumericArray, type State } from '@tandem-rec/contract';

/** Copies a saved array into a live one of the same class and length. Throws `TANDEM_STATE_MISMATCH`. */
export function restore(state: State, name: string, into: NumericArray): void {
  const saved = state.arrays.find((array) => array.name === name)?.data;
  if (saved === undefined || saved.constructor !== into.constructor || saved.length !== into.length)
    throw new TandemError(
      'TANDEM_STATE_MISMATCH',
      `The array ${name} should be a ${into.constructor.name} of ${into.length}; ` +
        (saved === undefined
          ? 'it is not in the saved state.'
          : `saved is a ${saved.constructor.name} of ${saved.length}.`),
    );
  if (saved !== into) (into as Float32Array).set(saved as Float32Array);
}
