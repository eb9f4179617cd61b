import { ease, gfcf } from '@tandem-rec/model-linear';
import type { SplitName } from '../splits.ts';
import type { Setting } from './types.ts';

const closedForm = (split: SplitName, lambda: number, tuned: string): Setting => ({
  split,
  model: 'ease',
  use: ease({ lambda }),
  epochs: 1,
  histories: ['train', 'train+valid'],
  tuned,
});

export const settings: readonly Setting[] = [
  closedForm('S1', 100, 'λ of 50, 100, 200, 350, 500, 1000'),
  closedForm('S2', 200, 'λ of 50, 100, 200, 350, 500, 1000'),
  closedForm('S3', 300, 'λ of 300 and 700'),
  { split: 'S4', model: 'gfcf', use: gfcf(), epochs: 1, tuned: 'K = 256 and α = 0.3 as published' },
];
