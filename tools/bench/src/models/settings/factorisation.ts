import { bpr, ials, warp } from '@tandem-rec/model-factorisation';
import type { Setting } from './types.ts';

const ALS =
  'α₀ .003 to 3, ν 0, .25, .5, 1, λ .003 to 30 in steps of about three, finer around the best; 4 to 16 passes';
const PAIRS = 'rate .02, .05, .1; with and without bias; with and without decay; λ .003 to .05; 20 to 120 passes';
const HEAD = 'rate .02, .05, λ 0, .0001 as for LightFM';

/** S4 has no validation part: chosen on a tenth of every user's training rows, among the first 3,000 users. */
export const settings: readonly Setting[] = [
  {
    split: 'S1',
    model: 'ials',
    use: ials({ unobservedWeight: 0.3, frequencyExponent: 0.25, regularisation: 0.4 }),
    epochs: 6,
    tuned: ALS,
  },
  {
    split: 'S2',
    model: 'ials',
    use: ials({ unobservedWeight: 0.3, frequencyExponent: 0.5, regularisation: 0.3 }),
    epochs: 8,
    tuned: ALS,
  },
  {
    split: 'S3',
    model: 'ials',
    use: ials({ unobservedWeight: 0.003, frequencyExponent: 0.5, regularisation: 0.3 }),
    epochs: 12,
    tuned: ALS,
  },
  {
    split: 'S4',
    model: 'ials',
    use: ials({ unobservedWeight: 0.03, frequencyExponent: 0.5, regularisation: 0.03 }),
    epochs: 8,
    tuned: ALS,
  },
  { split: 'S1', model: 'bpr', use: bpr({ fit: { learningRate: 0.05 } }), epochs: 50, tuned: PAIRS },
  {
    split: 'S2',
    model: 'bpr',
    use: bpr({ fit: { learningRate: 0.05, decay: 'linear' } }),
    epochs: 100,
    tuned: PAIRS,
  },
  { split: 'S3', model: 'bpr', use: bpr({ fit: { learningRate: 0.05, bias: false } }), epochs: 60, tuned: PAIRS },
  {
    split: 'S4',
    model: 'bpr',
    use: bpr({ regularisation: 0.003, fit: { learningRate: 0.1, decay: 'linear' } }),
    epochs: 60,
    tuned: PAIRS,
  },
  { split: 'S2', model: 'warp', use: warp({ learningRate: 0.02, regularisation: 0.0001 }), epochs: 60, tuned: HEAD },
  { split: 'S4', model: 'warp', use: warp({ learningRate: 0.05 }), epochs: 20, tuned: HEAD },
];
