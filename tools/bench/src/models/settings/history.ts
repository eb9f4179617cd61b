import { fism } from '@tandem-rec/model-history';
import type { Setting } from './types.ts';

/** Asked with the validation item as history, like other models that live by what came last. */
export const settings: readonly Setting[] = [
  {
    split: 'S1',
    model: 'fism',
    use: fism(),
    epochs: 7,
    batch: 256,
    histories: ['train+valid'],
    tuned: '2, 4, 7 and 12 epochs with the defaults, 4 and 8 with learning rates of .07 and .002: 6 runs',
  },
];
