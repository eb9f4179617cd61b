import type { SplitName } from '../splits.ts';

/** A peer's model on a split, with settings chosen on validation as ours are. */
export interface PeerSetting {
  readonly split: SplitName;
  /** The row of ours that it stands beside. */
  readonly model: string;
  /** Library and model. */
  readonly peer: string;
  readonly library: 'numpy' | 'implicit' | 'lightfm' | 'gorse';
  /** What the library's runner calls it. */
  readonly kind: string;
  readonly parameters: Readonly<Record<string, number>>;
}

type Rows = readonly (readonly [split: SplitName, parameters: Readonly<Record<string, number>>])[];

const of = (
  model: string,
  peer: string,
  library: PeerSetting['library'],
  kind: string,
  rows: Rows,
): readonly PeerSetting[] => rows.map(([split, parameters]) => ({ split, model, peer, library, kind, parameters }));

const als = (regularization: number, alpha: number) => ({ factors: 64, regularization, alpha, iterations: 15 });
const bm25 = (K: number, B: number) => ({ K, K1: 1.2, B });
const warp = (iterations: number, rate: number, alpha: number) => ({
  no_components: 64,
  learning_rate: rate,
  user_alpha: alpha,
  item_alpha: alpha,
  iterations,
});
const gorse = (iterations: number, rate: number) => ({ factors: 64, iterations, rate, reg: 0.01, alpha: 0 });

/** All that can be run. Where two libraries have a model, the better one is named: its quality is the floor. */
export const PEER_SETTINGS: readonly PeerSetting[] = [
  ...of('popularity', 'numpy counts', 'numpy', 'popularity', [
    ['S1', {}],
    ['S2', {}],
    ['S3', {}],
    ['S4', {}],
  ]),
  ...of('item-knn-bm25', 'implicit BM25', 'implicit', 'bm25', [
    ['S1', bm25(200, 0.75)],
    ['S2', bm25(200, 0.75)],
    ['S3', bm25(100, 0.1)],
    ['S4', bm25(20, 0.1)],
  ]),
  ...of('item-knn-cosine', 'implicit cosine', 'implicit', 'cosine', [
    ['S1', { K: 200 }],
    ['S2', { K: 500 }],
    ['S3', { K: 100 }],
    ['S4', { K: 20 }],
  ]),
  ...of('ease', 'EASE in numpy', 'numpy', 'ease', [
    ['S1', { lambda: 100 }],
    ['S2', { lambda: 200 }],
    ['S3', { lambda: 300 }],
  ]),
  ...of('ials', 'implicit ALS', 'implicit', 'als', [
    ['S1', als(1, 3)],
    ['S2', als(30, 3)],
    ['S3', als(10, 40)],
    ['S4', als(10, 40)],
  ]),
  ...of('bpr', 'Gorse BPR', 'gorse', 'bpr', [
    ['S1', gorse(100, 0.05)],
    ['S2', gorse(100, 0.02)],
    ['S3', gorse(100, 0.05)],
    ['S4', gorse(60, 0.05)],
  ]),
  ...of('warp', 'LightFM WARP', 'lightfm', 'warp', [
    ['S1', warp(25, 0.05, 0)],
    ['S2', warp(60, 0.02, 1e-4)],
    ['S3', warp(30, 0.05, 1e-5)],
    ['S4', warp(20, 0.05, 0)],
  ]),
];
