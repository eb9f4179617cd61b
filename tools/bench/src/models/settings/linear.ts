import { gfcf } from '@tandem-rec/model-linear';
import type { Setting } from './types.ts';

export const settings: readonly Setting[] = [
  { split: 'S4', model: 'gfcf', use: gfcf(), epochs: 1, tuned: 'K = 256 and α = 0.3 as published' },
];
