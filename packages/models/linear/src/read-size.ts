import { TandemError, type State } from '@tandem-rec/contract';

/** A count among the saved values. Throws `TANDEM_STATE_MISMATCH` where there is none. */
export function readSize({ values }: State, name: string): number {
  const size = values[name];
  if (typeof size === 'number' && Number.isInteger(size) && size >= 0) return size;
  throw new TandemError('TANDEM_STATE_MISMATCH', `The value ${name} of the saved state is not a count.`);
}
