import { describe, expect, it } from 'vitest';
import { savedArray } from './saved-array.ts';
import type { State } from './state.ts';

const data = Float32Array.of(1, 2, 3, 4, 5, 6);
const state: State = { version: 1, arrays: [{ name: 'rows', shape: [3, 2], owner: 'item', data }], values: {} };

describe('savedArray', () => {
  it('finds an array of this class and shape', () => {
    for (const shape of [undefined, [3, 2], [-1, 2], [-1, -1]])
      expect(savedArray(state, 'rows', Float32Array, shape)).toBe(data);
  });

  it.each<[string, () => unknown, string]>([
    [
      'none of this name',
      () => savedArray(state, 'columns', Float32Array),
      'The array columns should be a Float32Array; it is not in the saved state.',
    ],
    [
      'another class',
      () => savedArray(state, 'rows', Int32Array, [-1, 2]),
      'The array rows should be a Int32Array of any × 2; saved is a Float32Array of 3 × 2.',
    ],
    [
      'another shape',
      () => savedArray(state, 'rows', Float32Array, [3, 3]),
      'The array rows should be a Float32Array of 3 × 3; saved is a Float32Array of 3 × 2.',
    ],
    [
      'another number of sides',
      () => savedArray(state, 'rows', Float32Array, [-1]),
      'The array rows should be a Float32Array of any; saved is a Float32Array of 3 × 2.',
    ],
  ])('refuses %s', (_, read, message) => {
    expect(read).toThrow(expect.objectContaining({ code: 'TANDEM_STATE_MISMATCH', message }));
  });
});
