import { TandemError, type NamedArray } from '@tandem-rec/contract';

/** The array of that name in a saved state. Throws `TANDEM_STATE_MISMATCH` if it is missing or has another shape (−1: any length). */
export function savedFloats(arrays: readonly NamedArray[], name: string, shape: readonly number[]): Float32Array {
  const array = arrays.find((candidate) => candidate.name === name);
  if (
    !array ||
    !(array.data instanceof Float32Array) ||
    array.shape.length !== shape.length ||
    shape.some((side, i) => side !== -1 && side !== array.shape[i])
  )
    throw new TandemError(
      'TANDEM_STATE_MISMATCH',
      `The model has ${name} as ${shape.join(' × ')}; ${array ? `saved is ${array.shape.join(' × ')}` : 'it is not in the saved state'}.`,
    );
  return array.data;
}
