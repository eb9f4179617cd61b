import { TandemError, type State } from '@tandem-rec/contract';

/** The number `name` of a saved state; throws `TANDEM_STATE_MISMATCH` if there is none. */
export function savedNumber(state: State, name: string): number {
  const value = state.values[name];
  if (typeof value !== 'number')
    throw new TandemError('TANDEM_STATE_MISMATCH', `The saved state has no number named "${name}".`);
  return value;
}
