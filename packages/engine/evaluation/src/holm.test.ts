import { expect, it } from 'vitest';

import { holm } from './holm.ts';

it('is what statsmodels gives', () => {
  // multipletests([.01, .04, .03, .005], method='holm')[1]
  const reference = [0.03, 0.06, 0.06, 0.02];
  holm([0.01, 0.04, 0.03, 0.005]).forEach((p, k) => expect(p).toBeCloseTo(reference[k], 12));
  expect(holm([0.6, 0.9])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
