import type { SplitName } from '../splits.ts';

export const PEER_LIBRARIES = ['numpy', 'implicit', 'lightfm', 'gorse', 'recbole'] as const;
export type PeerLibrary = (typeof PEER_LIBRARIES)[number];

/** A peer's model on a split, with settings chosen on validation as ours are. */
export interface PeerSetting {
  readonly split: SplitName;
  /** The row of ours that it stands beside. */
  readonly model: string;
  /** Library and model, as where it is recorded. */
  readonly peer: string;
  readonly library: PeerLibrary;
  /** What the library's runner calls it. */
  readonly kind: string;
  /** As the library's runner names them; `iterations` where it makes passes. */
  readonly parameters: Parameters;
}

type Parameters = Readonly<Record<string, number | string>>;
type Rows = readonly (readonly [split: SplitName, parameters: Parameters])[];

const of = (model: string, peer: string, library: PeerLibrary, kind: string, rows: Rows): readonly PeerSetting[] =>
  rows.map(([split, parameters]) => ({ split, model, peer, library, kind, parameters }));

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
const ccd = (iterations: number, reg: number, alpha: number) => ({ factors: 64, iterations, rate: 0, reg, alpha });
const pairs = (iterations: number, rate: number, regularization: number) => ({
  factors: 64,
  learning_rate: rate,
  regularization,
  iterations,
});
const recbole = (iterations: number, rate: number) => ({ iterations, learning_rate: rate, train_batch_size: 2048 });
const graph = (iterations: number, rate: number) => ({ ...recbole(iterations, rate), n_layers: 3, reg_weight: 1e-5 });

/** All that can be run. What RecBole takes hours for is cut short, and its name says so. */
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
  ...of('ials', 'Gorse CCD', 'gorse', 'ccd', [
    ['S1', ccd(15, 0.1, 0.2)],
    ['S2', ccd(15, 1, 0.2)],
    ['S3', ccd(15, 0.1, 0.05)],
    ['S4', ccd(10, 0.1, 0.05)],
  ]),
  ...of('bpr', 'implicit BPR', 'implicit', 'bpr', [
    ['S1', pairs(200, 0.005, 0.02)],
    ['S2', pairs(200, 0.005, 0.02)],
    ['S3', pairs(100, 0.02, 0.01)],
    ['S4', pairs(60, 0.02, 0.01)],
  ]),
  ...of('bpr', 'RecBole BPR', 'recbole', 'BPR', [
    ['S1', recbole(167, 0.001)],
    ['S2', recbole(85, 0.001)],
    ['S3', recbole(70, 0.001)],
  ]),
  ...of('lightgcn', 'RecBole LightGCN', 'recbole', 'LightGCN', [['S2', graph(65, 0.005)]]),
  ...of('lightgcn', 'RecBole LightGCN, 2 epochs', 'recbole', 'LightGCN', [['S3', graph(2, 0.001)]]),
  ...of('sasrec', 'RecBole SASRec, 1 epoch', 'recbole', 'SASRec', [
    ['S3', { ...recbole(1, 0.001), n_layers: 2, n_heads: 2, MAX_ITEM_LIST_LENGTH: 50, loss_type: 'CE' }],
  ]),
];
