import { popularity } from '@tandem-rec/model-neighbourhood';
import { SPLIT_NAMES } from '../splits.ts';
import type { Setting } from './types.ts';

/** The yardstick: plain counts, since these splits are at rest. */
export const settings: readonly Setting[] = SPLIT_NAMES.map((split) => ({
  split,
  model: 'popularity',
  use: popularity({ halfLife: 1e12 }),
  epochs: 1,
  tuned: 'nothing to tune: counts that do not fade',
}));
