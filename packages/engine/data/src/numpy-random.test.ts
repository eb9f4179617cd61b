import { expect, it } from 'vitest';
import { numpyRandom } from './numpy-random.ts';

it('permutes as numpy does', () => {
  expect(numpyRandom(42).next()).toBe(0.7739560485559633);
  const rng = numpyRandom(42);
  const permutation = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  for (let k = 9; k > 0; k--) {
    const other = rng.int(k + 1);
    [permutation[k], permutation[other]] = [permutation[other], permutation[k]];
  }
  expect(permutation).toEqual([5, 6, 0, 7, 3, 2, 4, 9, 1, 8]);
});
