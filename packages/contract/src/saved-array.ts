import { TandemError } from './errors.ts';
import type { NumericArray, State } from './state.ts';

/**
 * The array `name` of a saved state, for `load`. It belongs to the state: copy what is to be changed.
 *
 * Throws `TANDEM_STATE_MISMATCH` if the array is missing, of another class, or not of this shape.
 *
 * @param shape −1 for a side of any length; without it any shape will do
 */
export function savedArray<T extends NumericArray>(
  { arrays }: Pick<State, 'arrays'>,
  name: string,
  type: { new (length: number): T; readonly name: string },
  shape?: readonly number[],
): T {
  const saved = arrays.find((array) => array.name === name);
  const fits = (side: number, i: number): boolean => side === -1 || side === saved?.shape[i];
  if (
    saved?.data instanceof type &&
    (shape === undefined || (shape.length === saved.shape.length && shape.every(fits)))
  )
    return saved.data;
  const wanted = shape === undefined ? '' : ` of ${written(shape)}`;
  throw new TandemError(
    'TANDEM_STATE_MISMATCH',
    `The array ${name} should be a ${type.name}${wanted}; ` +
      (saved
        ? `saved is a ${saved.data.constructor.name} of ${written(saved.shape)}.`
        : 'it is not in the saved state.'),
  );
}

function written(shape: readonly number[]): string {
  return shape.map((side) => (side === -1 ? 'any' : side)).join(' × ');
}
