import { TandemError, type NumericArray, type State } from '@tandem-rec/contract';

/** The array `name` of a saved state; throws `TANDEM_STATE_MISMATCH` if it is missing or of another type. */
export function arrayOf<T extends NumericArray>(
  state: State,
  name: string,
  type: { new (length: number): T; readonly name: string },
): T {
  const data = state.arrays.find((array) => array.name === name)?.data;
  if (!(data instanceof type))
    throw new TandemError('TANDEM_STATE_MISMATCH', `The saved state has no ${type.name} named "${name}".`);
  return data;
}

/** The number `name` of a saved state; throws `TANDEM_STATE_MISMATCH` if there is none. */
export function numberOf(state: State, name: string): number {
  const value = state.values[name];
  if (typeof value !== 'number')
    throw new TandemError('TANDEM_STATE_MISMATCH', `The saved state has no number named "${name}".`);
  return value;
}
